//! What is planted is found, exactly.

use codebase::{
    analyse::{Lines, analyse},
    duplicates::{Passage, Place, passages_in, repeated, reread},
    identifiers::Identifier,
    walk::{Entry, Reason},
};

use super::*;

fn place(file: &str, first: u32, last: u32) -> Place {
    Place { file: file.to_owned(), first, last }
}

#[test]
fn planted_passages_are_told_exactly() {
    let planted = lines("planted", 0..20);
    // The same lines with other spaces, a comment between two of them and one behind one.
    let moved =
        planted.replace("let ", "\tlet  ").replacen("= 3;\n", "= 3; // three\n\n    // A comment.\n", 1);
    let short = lines("short", 0..9);
    let folder = tree(&[
        ("a.rs", &format!("{}{planted}{}", lines("a", 0..5), lines("b", 0..5))),
        ("deep/er/b.rs", &format!("{}{moved}{short}", lines("c", 0..2))),
        ("c.rs", &format!("{short}{}", lines("planted", 4..16))),
        // Data and text repeat themselves: that is no finding.
        ("d.toml", &format!("{planted}{planted}")),
        ("e.md", &planted),
    ]);
    let found = report(&folder, &Limits::default()).duplicates;
    let whole = Passage { lines: 20, places: vec![place("a.rs", 6, 25), place("deep/er/b.rs", 3, 24)] };
    let part = Passage {
        lines: 12,
        places: vec![place("a.rs", 10, 21), place("c.rs", 10, 21), place("deep/er/b.rs", 9, 20)],
    };
    assert_eq!(found.passages, [part, whole]);
    assert_eq!((found.found, found.lines), (2, 52));
}

#[test]
fn a_passage_of_one_line_less_than_asked_for_is_none() {
    let twice = lines("x", 0..9);
    let folder = tree(&[("a.rs", &twice), ("b.rs", &format!("{twice}{}", lines("y", 0..9)))]);
    assert_eq!(report(&folder, &Limits::default()).duplicates.found, 0);
    let limits = Limits { min_lines: 9, ..Limits::default() };
    assert_eq!(report(&folder, &limits).duplicates.found, 1);
}

#[test]
fn equal_fingerprints_of_different_lines_are_no_passage() {
    let folder = tree(&[("a.rs", &lines("a", 0..30)), ("b.rs", &lines("b", 0..30))]);
    let limits = Limits::default();
    let entries =
        ["a.rs", "b.rs"].map(|name| Entry { path: folder.path().join(name), name: name.to_owned() });
    let looked: Vec<_> = entries
        .iter()
        .map(|entry| analyse(entry, &limits, &Progress::hidden()))
        .map(|looked| {
            looked.map(|mut facts| {
                facts.prints.fill(7);
                facts
            })
        })
        .collect();
    let prints: Vec<_> = (0..codebase::duplicates::SHARDS).map(|shard| repeated(&looked, shard)).collect();
    assert_eq!(prints[7], [7]);
    let excerpts: Vec<_> = looked.iter().flatten().map(|facts| reread(facts, &prints, &limits)).collect();
    assert!(excerpts.iter().flatten().all(|excerpt| excerpt.numbers.len() == 30));
    assert_eq!(passages_in(excerpts, &limits).found, 0);
}

#[test]
fn files_that_change_or_go_before_they_are_compared_are_told() {
    let same = lines("same", 0..30);
    let folder = tree(&[("gone.rs", &same), ("grown.rs", &same), ("kept.rs", &same)]);
    let limits = Limits::default();
    let entries = ["gone.rs", "grown.rs", "kept.rs"]
        .map(|name| Entry { path: folder.path().join(name), name: name.to_owned() });
    let looked: Vec<_> = entries.iter().map(|entry| analyse(entry, &limits, &Progress::hidden())).collect();
    let prints: Vec<_> = (0..codebase::duplicates::SHARDS).map(|shard| repeated(&looked, shard)).collect();
    fs::remove_file(&entries[0].path).expect("to remove it");
    write(folder.path(), "grown.rs", format!("{same}{same}").as_bytes());
    let excerpts = looked.iter().flatten().map(|facts| reread(facts, &prints, &limits)).collect();
    let found = passages_in(excerpts, &limits);
    let reasons: Vec<_> = found.skipped.iter().map(|one| (&*one.name, &one.reason)).collect();
    assert_eq!(reasons, [("gone.rs", &Reason::Vanished), ("grown.rs", &Reason::Changed)]);
    assert_eq!(found.found, 0);
}

#[test]
fn lines_identifiers_and_functions_are_counted() {
    let folder = tree(&[
        (
            "a.rs",
            "/* one\n\n two */ fn main() { // three\n    let text = \"// none\";\n    run(text);\n}\n\n// four\n",
        ),
        ("b.py", "'''About.'''\ndef run(text):\n    return text  # text\n"),
    ]);
    let report = report(&folder, &Limits::default());
    let counts: Vec<_> = report.languages.iter().map(|count| (count.name, count.lines)).collect();
    assert_eq!(
        counts,
        [
            ("Rust", Lines { code: 4, comment: 2, blank: 2 }),
            ("Python", Lines { code: 2, comment: 1, blank: 0 })
        ]
    );
    let uses = |name: &str, uses, files| Identifier { name: name.to_owned(), uses, files };
    assert_eq!(report.identifiers.most_used, [uses("text", 4, 2), uses("run", 2, 2), uses("main", 1, 1)]);
    let longest: Vec<_> =
        report.functions.iter().map(|one| (&*one.function.name, &*one.file, one.function.lines())).collect();
    assert_eq!(longest, [("main", "a.rs", 4), ("run", "b.py", 2)]);
}
