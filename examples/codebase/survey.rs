//! The graphs: how the operators make a survey.

use std::path::Path;

use crate::{
    analyse::{Looked, analyse},
    duplicates::{Duplicates, SHARDS, passages_in, repeated, reread},
    functions::longest_of,
    identifiers::identifiers_of,
    languages::languages_of,
    limits::Limits,
    progress::Progress,
    report::{Report, compose},
    walk::{ScanError, walk},
};

// graph! {
/// Surveys a folder of sources.
///
/// A file that cannot be read is a row of the report; a folder that cannot be read is the error.
///
/// # Errors
/// `root` cannot be read.
pub fn survey(root: &Path, limits: &Limits, progress: &Progress) -> Result<Report, ScanError> {
    let files = walk(root, limits, progress)?;
    // let looked = for file in &files.entries { analyse(file, limits, progress) };
    let looked: Vec<_> = files.entries.iter().map(|file| analyse(file, limits, progress)).collect();
    let languages = languages_of(&looked);
    let identifiers = identifiers_of(&looked, limits);
    let functions = longest_of(&looked, limits);
    let copies = duplicates(&looked, limits);
    let report = compose(&files, &looked, languages, identifiers, functions, copies, limits);
    Ok(report)
}
// }

// graph! {
/// Finds the passages of code that stand in more than one place.
pub fn duplicates(looked: &[Looked<'_>], limits: &Limits) -> Duplicates {
    // let prints = for shard in 0..SHARDS { repeated(looked, shard) };
    let prints: Vec<_> = (0..SHARDS).map(|shard| repeated(looked, shard)).collect();
    // let excerpts = for facts in looked.iter().flatten() { reread(facts, &prints, limits) };
    let excerpts: Vec<_> = looked.iter().flatten().map(|facts| reread(facts, &prints, limits)).collect();
    passages_in(excerpts, limits)
}
// }
