//! The program as a person starts it.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use super::*;

/// The program. `cargo test` builds it beside the tests, unless it is told which of them to build.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.ancestors().nth(2).expect("the folder of the profile");
    let program = profile.join("examples").join(format!("codebase{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo build -p ember-examples --examples`",
        program.display()
    );
    program
}

fn run(arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).output().expect("the program to start")
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn every_strategy_gives_the_same_report() {
    let same = lines("same", 0..15);
    let folder = tree(&[("a.rs", &same), ("b.rs", &same), ("c.py", "def f():\n    pass\n"), ("d.bin", "\0")]);
    let root = folder.path().to_str().expect("UTF-8");
    let sequential = run(&["--strategy", "sequential", root]);
    assert!(sequential.status.success(), "{sequential:?}");
    assert_eq!(told(&sequential.stdout), text(&report(&folder, &Limits::default())));
    for _ in 0..10 {
        let parallel = run(&["--strategy", "parallel", root]);
        assert_eq!(told(&parallel.stdout), told(&sequential.stdout));
    }
}

#[test]
fn wrong_arguments_are_explained() {
    for (arguments, message) in [
        (&["--tpo", "3"][..], "--tpo"),
        (&["--top", "0"], "--top takes a number from 1 to 1000"),
        (&["--top", "many"], "--top takes a number from 1 to 1000"),
        (&["--top"], "missing argument for option '--top'"),
        (&["--max-bytes", "4G"], "--max-bytes takes a size below 4G"),
        (&["--max-bytes", "-1"], "--max-bytes takes a size below 4G"),
        (&["--strategy", "fast"], "--strategy takes auto, sequential or parallel"),
        (&["a", "b"], "\"b\""),
    ] {
        let output = run(arguments);
        let said = told(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(message) && said.contains("--help"), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tree(&[("file.rs", "a")]);
    for name in ["missing", "file.rs"] {
        let path = folder.path().join(name);
        let output = run(&[path.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(1));
        let said = told(&output.stderr);
        assert!(said.contains(path.to_str().expect("UTF-8")), "{said}");
        assert_eq!(said.matches("os error").count(), 1, "{said}");
    }
}

#[test]
fn the_graph_is_drawn_and_nothing_is_surveyed() {
    let folder = tree(&[]);
    let path = folder.path().join("survey.svg");
    let output = run(&["--svg", path.to_str().expect("UTF-8"), "no/such/folder"]);
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    let picture = fs::read_to_string(&path).expect("the picture");
    assert!(picture.starts_with("<svg "), "{picture}");
    for node in ["files", "looked", "languages", "identifiers", "functions", "copies", "report"] {
        assert!(picture.contains(&format!("data-node=\"{node}\"")), "{node}");
    }
    let output = run(&["--svg", folder.path().to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output.stderr).starts_with("codebase: cannot write "), "{output:?}");
}

#[test]
fn help_is_no_failure() {
    let output = run(&["-h"]);
    assert!(output.status.success());
    let usage = told(&output.stdout);
    for option in ["--top", "--min-lines", "--max-bytes", "--follow", "--strategy", "--svg"] {
        assert!(usage.contains(option), "{option}");
    }
    assert!(usage.lines().all(|line| line.len() <= 100));
}

#[test]
fn an_empty_folder_has_a_report() {
    let output = run(&[tree(&[]).path().to_str().expect("UTF-8")]);
    assert_eq!(told(&output.stdout), "0 files, 0 lines, 0 B\n");
}
