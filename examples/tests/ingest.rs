//! The example `ingest` as a person starts it.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The program. `cargo test` builds it beside the tests, unless it is told which of them to build.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("the folder of the profile");
    let program = profile.join("examples").join(format!("ingest{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo build -p ember-examples --examples`",
        program.display()
    );
    program
}

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program to start")
}

#[test]
fn r33_a_wrong_line_costs_no_other() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"a=1\nb=2\nnothing\na=x\na=3\n").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "a=4\nb=2\n");
    let told = String::from_utf8(output.stderr).unwrap();
    let node = |index, node, operator| {
        format!("item {index}: node `{node}` (operator `{operator}`) of graph `ingest` failed: ")
    };
    assert!(told.contains(&(node(2, "pair", "split") + "`nothing` is no `key=number`\n")), "{told}");
    assert!(
        told.contains(&(node(3, "number", "value") + "the number of `a`: invalid digit found in string\n"))
    );
    assert!(told.ends_with("3 lines, 2 were wrong\n"), "{told}");
    // No escape codes where nobody sees them.
    assert!(told.contains("ingest: 5, 2 failed") && !told.contains('\u{1b}'), "{told}");
    assert!(output.status.success());
}

#[cfg(unix)]
#[test]
fn r33_ctrl_c_ends_a_batch_and_keeps_what_is_done() {
    // The input is not closed: only the signal can end it.
    let mut child = start(&["--delay", "1"]);
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || while input.write_all(b"a=1\n").is_ok() {});
    let mut told = BufReader::new(child.stderr.take().unwrap());
    // The first line of progress says that some are done.
    let mut first = String::new();
    told.read_line(&mut first).unwrap();
    assert!(first.starts_with("ingest: "), "{first}");
    let signalled = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let mut rest = Vec::new();
    for line in told.lines() {
        rest.push(line.unwrap());
    }
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let sum = String::from_utf8(output.stdout).unwrap();
    let kept: u32 = sum.trim().strip_prefix("a=").unwrap().parse().unwrap();
    assert!(kept > 0);
    let last = format!("not begun: the run was cancelled: {kept} lines are kept, 0 were wrong");
    assert_eq!(rest.last(), Some(&last), "{rest:?}");
}
