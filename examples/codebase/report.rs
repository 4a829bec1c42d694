//! The parts of a survey, joined.

use ember::operator;

use crate::{
    analyse::{Lines, Looked},
    duplicates::Duplicates,
    functions::Placed,
    identifiers::Identifiers,
    language::Kind,
    languages::LanguageCount,
    limits::Limits,
    walk::{Skipped, Walked},
};

/// What a survey found. The same folder gives the same report, however the survey ran.
#[derive(Debug)]
pub struct Report {
    /// All files together, under the name `all`.
    pub all: LanguageCount,
    /// How many lines of code are of a language whose passages are compared.
    pub compared: u64,
    /// The languages.
    pub languages: Vec<LanguageCount>,
    /// The identifiers.
    pub identifiers: Identifiers,
    /// The longest functions.
    pub functions: Vec<Placed>,
    /// The repeated passages.
    pub duplicates: Duplicates,
    /// Files that are not UTF-8, and were read with replaced characters.
    pub replaced: Vec<String>,
    /// What was passed by, sorted by reason.
    pub skipped: Vec<Skipped>,
    /// The bounds of the survey.
    pub limits: Limits,
}

/// Joins the parts.
#[operator]
pub fn compose(
    files: &Walked,
    looked: &[Looked<'_>],
    languages: Vec<LanguageCount>,
    identifiers: Identifiers,
    functions: Vec<Placed>,
    mut duplicates: Duplicates,
    limits: &Limits,
) -> Report {
    let mut all = LanguageCount { name: "all", ..LanguageCount::default() };
    for count in &languages {
        all.files += count.files;
        all.empty += count.empty;
        all.bytes += count.bytes;
        all.lines += count.lines;
    }
    let facts = || looked.iter().flatten();
    let mut compared = Lines::default();
    for facts in facts().filter(|facts| facts.language.kind == Kind::Code) {
        compared += facts.lines;
    }
    let replaced = facts().filter(|facts| facts.replaced).map(|facts| facts.entry.name.clone()).collect();
    let mut skipped = files.skipped.clone();
    skipped.extend(looked.iter().filter_map(|looked| looked.as_ref().err().cloned()));
    skipped.append(&mut duplicates.skipped);
    skipped.sort_unstable();
    let limits = limits.clone();
    Report {
        all,
        compared: compared.code,
        languages,
        identifiers,
        functions,
        duplicates,
        replaced,
        skipped,
        limits,
    }
}
