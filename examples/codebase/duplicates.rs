//! Finds passages of code that stand in more than one place.
//!
//! 1. [`repeated`] finds the fingerprints that occur more than once. They only say where to look.
//! 2. [`reread`] reads those lines again. What is compared from here on is text, so that two passages with the
//!    same fingerprint and other lines are never told as one.
//! 3. [`passages_in`] finds the maximal passages among them.

mod choose;
mod passages;
#[cfg(test)]
mod tests;

use ember::operator;

pub use self::passages::{Duplicates, Passage, Place, passages_in};
use crate::{
    analyse::{FileFacts, Looked},
    fingerprint::CodeLines,
    limits::Limits,
    load::load,
    scan::Tokens,
    walk::{Entry, Reason, Skipped},
};

/// Into how many parts the fingerprints are split; enough for any machine that a survey runs on.
pub const SHARDS: u64 = 32;

/// The fingerprints of one shard that occur more than once, sorted.
#[operator]
pub fn repeated(looked: &[Looked<'_>], shard: u64) -> Vec<u64> {
    let prints = looked.iter().flatten().flat_map(|facts| &facts.prints);
    let mut prints: Vec<u64> = prints.copied().filter(|print| print % SHARDS == shard).collect();
    prints.sort_unstable();
    let mut twice: Vec<u64> =
        prints.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(|same| same[0]).collect();
    twice.shrink_to_fit();
    twice
}

/// The lines of one file that may stand elsewhere too.
#[derive(Debug)]
pub struct Excerpt<'a> {
    /// The file.
    pub entry: &'a Entry,
    /// The lines in normal form, with an empty one wherever others were left out.
    pub text: String,
    /// The number of each line that is not empty.
    pub numbers: Vec<u32>,
}

/// Reads again those lines of a file whose fingerprints occur more than once.
///
/// # Errors
/// The file cannot be read any more, or has other lines than before.
#[operator]
pub fn reread<'a>(
    facts: &FileFacts<'a>,
    repeated: &[Vec<u64>],
    limits: &Limits,
) -> Result<Excerpt<'a>, Skipped> {
    let mut wanted = vec![false; facts.prints.len()];
    for (wanted, print) in wanted.iter_mut().zip(&facts.prints) {
        let shard = usize::try_from(print % SHARDS).ok().and_then(|shard| repeated.get(shard));
        *wanted = shard.is_some_and(|shard| shard.binary_search(print).is_ok());
    }
    let entry = facts.entry;
    let mut excerpt = Excerpt { entry, text: String::new(), numbers: Vec::new() };
    if !wanted.contains(&true) {
        return Ok(excerpt);
    }
    let loaded = load(entry, limits)?;
    let mut seen = 0;
    // How many lines from here on belong to a passage that is wanted.
    let mut left = 0;
    let mut add = |number, line: &str| {
        if wanted.get(seen) == Some(&true) {
            left = limits.min_lines;
        }
        seen += 1;
        if left > 0 {
            left -= 1;
            excerpt.text.push_str(line);
            excerpt.text.push('\n');
            excerpt.numbers.push(number);
        } else if !excerpt.text.is_empty() && !excerpt.text.ends_with("\n\n") {
            excerpt.text.push('\n');
        }
    };
    let mut lines = CodeLines::default();
    for token in Tokens::of(&loaded.text, facts.language) {
        lines.take(&token, &mut add);
    }
    lines.finish(&mut add);
    if seen != wanted.len() + limits.min_lines - 1 {
        return Err(Skipped { reason: Reason::Changed, name: entry.name.clone() });
    }
    excerpt.text.shrink_to_fit();
    Ok(excerpt)
}
