//! However a survey runs, its report has the same bytes.

use std::path::PathBuf;

use codebase::{
    analyse::analyse,
    duplicates::{SHARDS, passages_in, repeated, reread},
    identifiers::identifiers_of,
    languages::languages_of,
    longest_of,
    report::compose,
    walk::{ScanError, walk},
};
use ember::{Context, Strategy};

use super::*;

/// The same lines as in the graphs, as plain functions.
fn plain(root: &Path, limits: &Limits, progress: &Progress) -> Result<Report, ScanError> {
    let files = walk(root, limits, progress)?;
    let looked: Vec<_> = files.entries.iter().map(|file| analyse(file, limits, progress)).collect();
    let languages = languages_of(&looked);
    let identifiers = identifiers_of(&looked, limits);
    let functions = longest_of(&looked, limits);
    let prints: Vec<_> = (0..SHARDS).map(|shard| repeated(&looked, shard)).collect();
    let excerpts = looked.iter().flatten().map(|facts| reread(facts, &prints, limits)).collect();
    let copies = passages_in(excerpts, limits);
    Ok(compose(&files, &looked, languages, identifiers, functions, copies, limits))
}

fn under(strategy: Strategy, root: &Path, limits: &Limits) -> Result<String, ember::Error> {
    let context = Context::builder().strategy(strategy).build();
    context.scope(|| survey(root, limits, &Progress::hidden())).map(|report| text(&report))
}

/// Some files of several languages, with passages of each other and now and then without a text.
fn random_tree(random: &mut fastrand::Rng) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for nth in 0..random.usize(0..30) {
        let name = format!("{}/{nth}.{}", random.char('a'..'d'), ["rs", "py", "md", "c"][random.usize(0..4)]);
        let mut text = String::new();
        for _ in 0..random.usize(0..5) {
            let from = random.u32(0..40);
            let body = lines("line", from..from + random.u32(0..30));
            let _ = writeln!(text, "fn {}() {{\n{body}}}", random.char('a'..'d'));
        }
        if random.usize(0..8) == 0 {
            text.push('\0');
        }
        write(folder.path(), &name, text.as_bytes());
    }
    folder
}

#[test]
fn every_strategy_gives_the_bytes_of_the_plain_functions() {
    let mut random = fastrand::Rng::with_seed(5);
    let (mut passages, mut skipped) = (0, 0);
    for _ in 0..40 {
        let folder = random_tree(&mut random);
        let limits = Limits { min_lines: random.usize(2..12), top: random.usize(1..8), ..Limits::default() };
        let expected = plain(folder.path(), &limits, &Progress::hidden()).expect("the folder to be there");
        for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
            let found = under(strategy, folder.path(), &limits).expect("the folder to be there");
            assert_eq!(found, text(&expected), "{strategy:?}");
        }
        passages += expected.duplicates.found;
        skipped += expected.skipped.len();
    }
    assert!(passages > 100 && skipped > 10, "trees that put nothing to the test: {passages}, {skipped}");
}

#[test]
fn every_strategy_gives_the_same_error() {
    let root = PathBuf::from("no/such/folder");
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let error = under(strategy, &root, &Limits::default()).expect_err("no folder to be there");
        assert_eq!((error.graph(), error.node(), error.operator()), ("survey", "files", "walk"));
        assert_eq!(error.find::<ScanError>().map(|scan| &scan.path), Some(&root));
        assert_eq!((error.failures().count(), error.nodes().failed, error.nodes().finished), (1, 1, 0));
    }
}
