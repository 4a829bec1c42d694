//! Counts files and lines by language.

use std::{cmp::Reverse, collections::BTreeMap};

use ember::operator;

use crate::analyse::{Lines, Looked};

/// The files of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LanguageCount {
    /// The language.
    pub name: &'static str,
    /// How many files.
    pub files: usize,
    /// How many of them are empty.
    pub empty: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// Their lines.
    pub lines: Lines,
}

/// The languages, the one with the most code first.
#[operator]
pub fn languages_of(looked: &[Looked<'_>]) -> Vec<LanguageCount> {
    let mut counts: BTreeMap<&'static str, LanguageCount> = BTreeMap::new();
    for facts in looked.iter().flatten() {
        let count = counts.entry(facts.language.name).or_default();
        count.name = facts.language.name;
        count.files += 1;
        count.empty += usize::from(facts.bytes == 0);
        count.bytes += facts.bytes;
        count.lines += facts.lines;
    }
    let mut counts: Vec<LanguageCount> = counts.into_values().collect();
    counts.sort_by_key(|count| (Reverse(count.lines.code), Reverse(count.lines.comment)));
    counts
}
