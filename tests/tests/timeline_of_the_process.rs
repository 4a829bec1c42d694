//! `EMBER_TIMELINE`, with real processes that end in every way.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn run(how: &str, file: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_timeline_child"));
    command.arg(how).env("EMBER_TIMELINE", file).output().expect("a process")
}

fn events(file: &Path) -> Vec<Value> {
    let json: Value = serde_json::from_str(&fs::read_to_string(file).expect("a file")).expect("JSON");
    json["traceEvents"].as_array().expect("events").clone()
}

/// How many there are of a category that ended so.
fn count(events: &[Value], category: &str, outcome: &str) -> usize {
    let is_one = |event: &&Value| event["cat"] == category && event["args"]["outcome"] == outcome;
    events.iter().filter(is_one).count()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Nothing is left beside the file.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_file_has_all_runs_of_a_program_that_returns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let output = run("ok", file.to_str().unwrap());
    assert!(output.status.success() && output.stderr.is_empty(), "{}", words(&output));
    assert_eq!(count(&events(&file), "run", "finished"), 3);
    assert_eq!(count(&events(&file), "node", "finished"), 9);
    assert_eq!(files(folder.path()), ["run.json"]);
}

#[test]
fn the_file_is_whole_when_the_program_panics() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let output = run("panic", file.to_str().unwrap());
    assert_eq!(output.status.code(), Some(101), "{}", words(&output));
    let events = events(&file);
    assert_eq!((count(&events, "run", "finished"), count(&events, "run", "panicked")), (2, 1));
    let panicked =
        events.iter().find(|event| event["cat"] == "node" && event["args"]["outcome"] == "panicked").unwrap();
    assert!(panicked["args"]["error"].as_str().unwrap().contains("the program is wrong"));
}

#[test]
fn the_file_is_whole_when_the_program_exits_in_the_middle_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["run.json", "run.svg", "run.html"] {
        let file = folder.path().join(name);
        assert_eq!(run("exit", file.to_str().unwrap()).status.code(), Some(3));
        let text = fs::read_to_string(&file).unwrap();
        match name {
            "run.json" => {
                let events = events(&file);
                assert_eq!((count(&events, "run", "finished"), count(&events, "run", "not over")), (2, 1));
                assert_eq!(count(&events, "node", "not over"), 1);
            }
            "run.svg" => {
                roxmltree::Document::parse(&text).expect("XML");
            }
            _ => assert!(text.trim_end().ends_with("</html>")),
        }
    }
}

#[test]
fn the_file_is_whole_when_the_program_aborts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    assert!(!run("abort", file.to_str().unwrap()).status.success());
    // What happened since it was written last is lost.
    assert!(!events(&file).is_empty());
}

#[test]
fn a_timeline_stands_beside_observers_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let output = run("install", file.to_str().unwrap());
    assert!(output.status.success(), "{}", words(&output));
    let events = events(&file);
    assert_eq!(count(&events, "node", "finished"), 3);
    assert!(events.iter().any(|event| event["args"]["correlation_id"] == "made-here"));
}

#[test]
fn processes_may_have_files_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run-%p.json");
    let output = run("child", file.to_str().unwrap());
    assert!(output.status.success(), "{}", words(&output));
    let files = files(folder.path());
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert_eq!(count(&events(&folder.path().join(file)), "run", "finished"), 3);
    }
}

#[test]
fn r37_the_file_does_not_grow_without_bound() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let output = run("many", file.to_str().unwrap());
    assert!(output.status.success(), "{}", words(&output));
    let bytes = fs::metadata(&file).unwrap().len();
    assert!((5_000_000..40_000_000).contains(&bytes), "{bytes}");
    // Eight events are a run, of which there are three nodes.
    assert_eq!(count(&events(&file), "node", "finished"), 100_000 / 8 * 3);
}

#[test]
fn a_mistake_in_the_name_is_one_line_and_the_program_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("run.txt", "the name of a timeline ends in .json, .svg or .html, and that of"),
        ("no/such/folder/run.json", "the timeline could not be written to"),
    ];
    for (name, said) in cases {
        let output = run("ok", folder.path().join(name).to_str().unwrap());
        let words = words(&output);
        assert!(output.status.success());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "3\n3\n3\n");
        assert_eq!(words.lines().count(), 1, "{words}");
        assert!(words.starts_with("ember: EMBER_TIMELINE: ") && words.contains(said), "{words}");
        assert!(files(folder.path()).is_empty());
    }
}
