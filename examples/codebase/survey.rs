//! The graphs: how the operators make a survey.

use std::path::Path;

use ember::prelude::*;

use crate::{
    analyse::{Looked, analyse},
    duplicates::{Duplicates, SHARDS, passages_in, repeated, reread},
    functions::longest_of,
    identifiers::identifiers_of,
    languages::languages_of,
    limits::Limits,
    progress::Progress,
    report::{Report, compose},
    walk::walk,
};

graph! {
    /// Surveys a folder of sources.
    ///
    /// A file that cannot be read is a row of the report; a folder that cannot be read is the error.
    ///
    /// # Errors
    /// `root` cannot be read: a [`ScanError`](crate::walk::ScanError).
    pub fn survey(root: &Path, limits: &Limits, progress: &Progress) -> Result<Report, ember::Error> {
        let files = walk(root, limits, progress)?;
        let looked = for file in &files.entries { analyse(file, limits, progress) };
        let languages = languages_of(&looked);
        let identifiers = identifiers_of(&looked, limits);
        let functions = longest_of(&looked, limits);
        let copies = duplicates(&looked, limits);
        let report = compose(&files, &looked, languages, identifiers, functions, copies, limits);
        Ok(report)
    }
}

graph! {
    /// Finds the passages of code that stand in more than one place.
    pub fn duplicates(looked: &[Looked<'_>], limits: &Limits) -> Duplicates {
        let prints = for shard in 0..SHARDS { repeated(looked, shard) };
        let excerpts = for facts in looked.iter().flatten() { reread(facts, &prints, limits) };
        passages_in(excerpts, limits)
    }
}
