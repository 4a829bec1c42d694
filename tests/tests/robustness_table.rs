//! The table in `docs/robustness.md` names tests and files that exist, and each requirement once.

use std::fs;
use std::path::{Path, PathBuf};

struct Row {
    id: String,
    state: String,
    places: String,
    tests: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/robustness.md")).expect("the table is there");
    let lines = text.lines().filter(|line| line.starts_with("| R"));
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| {
            let [id, _promise, state, places, tests] = cells[..] else { panic!("five cells: {cells:?}") };
            let [id, state, places, tests] = [id, state, places, tests].map(str::to_owned);
            Row { id, state, places, tests }
        })
        .collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn is_path(quoted: &str) -> bool {
    Path::new(quoted).extension().is_some_and(|extension| extension == "rs")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn each_requirement_stands_there_once() {
    let ids: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    let wanted: Vec<String> = (1..=42).map(|n| format!("R{n}")).collect();
    assert_eq!(ids, wanted);
}

#[test]
fn the_files_and_tests_that_it_names_exist() {
    for row in rows() {
        for place in quoted(&row.places) {
            assert!(root().join(place).exists(), "{}: there is no {place}", row.id);
        }
        let mut file = None;
        for name in quoted(&row.tests) {
            if is_path(name) {
                file = Some((name, read(name)));
                continue;
            }
            let (path, text) = file.as_ref().unwrap_or_else(|| panic!("{}: {name} is in no file", row.id));
            assert!(text.contains(&format!("fn {name}(")), "{}: {path} has no test {name}", row.id);
        }
    }
}

#[test]
fn what_holds_is_tested_and_what_is_not_built_is_not() {
    for Row { id, state, places, tests } in rows() {
        let built = match state.split([':', ' ']).next() {
            Some("yes" | "partly") => true,
            Some("not") if state.starts_with("not yet") => false,
            _ => panic!("{id}: {state:?} is no state"),
        };
        assert_eq!(quoted(&places).count() > 0, built, "{id}: where it lives");
        assert_eq!(quoted(&tests).count() > 0, built, "{id}: tests");
    }
}

#[test]
fn a_requirement_whose_id_a_test_carries_is_built() {
    let folder = root().join("tests/tests");
    let files = fs::read_dir(folder).expect("the tests have a folder");
    let texts: Vec<String> = files
        .map(|file| file.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).expect("it can be read"))
        .collect();
    for (n, row) in (1..).zip(rows()) {
        let tested = texts.iter().any(|text| text.contains(&format!("fn r{n:02}_")));
        assert!(!tested || !row.state.starts_with("not yet"), "{} has a test and is built", row.id);
    }
}
