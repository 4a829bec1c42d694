//! Finds the maximal passages among lines that may be repeated.

use std::collections::HashMap;

use ember::operator;

use super::{
    Excerpt,
    choose::{Covered, rank, tell},
};
use crate::{
    limits::Limits,
    suffixes::{self, Intervals, index},
    walk::Skipped,
};

/// The repeated passages of a folder.
#[derive(Debug, Default)]
pub struct Duplicates {
    /// Passages, each the one that repeats the most lines beside those before it.
    pub passages: Vec<Passage>,
    /// How many passages there are.
    pub found: usize,
    /// How many lines of code stand in a passage.
    pub lines: usize,
    /// Files that changed or went away before they were compared.
    pub skipped: Vec<Skipped>,
}

/// Lines of code that stand in more than one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Passage {
    /// How many lines of code: blank lines and comments between them may differ.
    pub lines: usize,
    /// Where, in the order of the files. No two overlap.
    pub places: Vec<Place>,
}

/// A place of a passage.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's path from the surveyed folder.
    pub file: String,
    /// The first line.
    pub first: u32,
    /// The last line.
    pub last: u32,
}

/// The repeated passages, each as long as all its places allow.
///
/// A passage is told if at least one of its places reaches out of all longer ones. No passage is shorter than
/// [`Limits::min_lines`].
#[operator]
pub fn passages_in(excerpts: Vec<Result<Excerpt<'_>, Skipped>>, limits: &Limits) -> Duplicates {
    let mut skipped = Vec::new();
    let mut sequence = Sequence::default();
    // By value: each text is dropped as soon as its lines are numbered.
    for excerpt in excerpts {
        match excerpt {
            Ok(excerpt) => sequence.add(excerpt),
            Err(one) => skipped.push(one),
        }
    }
    sequence.number_breaks();
    let order = suffixes::sorted(&sequence.numbers);
    let common = suffixes::common(&sequence.numbers, &order);
    let intervals = Intervals::of(&order, &common, limits.min_lines);
    drop(common);
    let mut covered = Covered::of(sequence.numbers.len());
    let told = tell(intervals, limits.min_lines, &mut covered);
    let found = told.len();
    let passages = rank(&told, &order, limits.top)
        .into_iter()
        .map(|(length, starts)| Passage {
            lines: length,
            places: starts.into_iter().map(|start| sequence.place(start, length)).collect(),
        })
        .collect();
    Duplicates { passages, found, lines: covered.lines, skipped }
}

/// The lines of all excerpts as numbers: equal where the lines are equal.
#[derive(Default)]
struct Sequence {
    numbers: Vec<u32>,
    /// The file of each line, and its number there.
    spots: Vec<(u32, u32)>,
    files: Vec<String>,
    known: HashMap<Box<str>, u32>,
}

/// Stands between runs of lines until each break has a number of its own.
const BREAK: u32 = u32::MAX;

impl Sequence {
    fn add(&mut self, excerpt: Excerpt<'_>) {
        let Excerpt { entry, text, numbers } = excerpt;
        if text.is_empty() {
            return;
        }
        let file = index(self.files.len());
        self.files.push(entry.name.clone());
        let mut numbers = numbers.into_iter();
        for line in text.lines() {
            if line.is_empty() {
                self.numbers.push(BREAK);
                self.spots.push((file, 0));
                continue;
            }
            let next = index(self.known.len());
            let number = match self.known.get(line) {
                Some(number) => *number,
                None => *self.known.entry(line.into()).or_insert(next),
            };
            self.numbers.push(number);
            self.spots.push((file, numbers.next().unwrap_or_default()));
        }
        self.numbers.push(BREAK);
        self.spots.push((file, 0));
    }

    /// Makes every break different from all else, so that no passage reaches over one.
    fn number_breaks(&mut self) {
        let lines = self.known.len();
        let breaks = self.numbers.iter_mut().filter(|number| **number == BREAK);
        for (nth, number) in breaks.enumerate() {
            *number = index(lines + nth);
        }
        self.known = HashMap::new();
    }

    fn place(&self, start: u32, length: usize) -> Place {
        let start = start as usize;
        let (file, first) = self.spots[start];
        let (_, last) = self.spots[start + length - 1];
        Place { file: self.files[file as usize].clone(), first, last }
    }
}
