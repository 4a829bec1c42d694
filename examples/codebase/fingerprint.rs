//! Lines of code in normal form, and rolling fingerprints of passages of them.
//!
//! Karp and Rabin, *Efficient randomized pattern-matching algorithms* (1987), with lines for letters and the
//! Mersenne prime 2⁶¹ − 1 as modulus.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hasher},
};

use crate::scan::{Token, TokenKind};

/// Gathers the lines that hold code: their tokens, with one space between each, without comments.
#[derive(Default)]
pub(crate) struct CodeLines {
    line: u32,
    normal: String,
}

impl CodeLines {
    /// Takes the next token, and tells `found` of the line before when the token begins another.
    pub(crate) fn take(&mut self, token: &Token<'_>, found: &mut impl FnMut(u32, &str)) {
        if token.kind == TokenKind::Comment {
            return;
        }
        if token.line != self.line {
            self.finish(found);
            self.line = token.line;
        }
        if !self.normal.is_empty() {
            self.normal.push(' ');
        }
        self.normal.push_str(token.text);
    }

    /// Tells `found` of the last line.
    pub(crate) fn finish(&mut self, found: &mut impl FnMut(u32, &str)) {
        if !self.normal.is_empty() {
            found(self.line, &self.normal);
            self.normal.clear();
        }
    }
}

const PRIME: u64 = (1 << 61) - 1;
const BASE: u64 = 0x1d8a_7c3f_5b92_e641;

/// Fingerprints of every `window` lines that follow each other.
pub(crate) struct Fingerprints {
    window: usize,
    /// `BASE` to the power of `window`: what the oldest line counts when it leaves.
    oldest: u64,
    lines: VecDeque<u64>,
    rolling: u64,
    /// One for each window, in the order of their first lines.
    pub(crate) found: Vec<u64>,
}

impl Fingerprints {
    pub(crate) fn of_windows(window: usize) -> Self {
        let oldest = (0..window).fold(1, |power, _| times(power, BASE));
        Self { window, oldest, lines: VecDeque::new(), rolling: 0, found: Vec::new() }
    }

    pub(crate) fn push(&mut self, line: &str) {
        let mut hasher = DefaultHasher::new();
        hasher.write(line.as_bytes());
        let line = hasher.finish() % PRIME;
        self.rolling = plus(times(self.rolling, BASE), line);
        self.lines.push_back(line);
        if self.lines.len() > self.window {
            let gone = self.lines.pop_front().unwrap_or_default();
            self.rolling = plus(self.rolling, PRIME - times(gone, self.oldest));
        }
        if self.lines.len() == self.window {
            self.found.push(self.rolling);
        }
    }
}

fn plus(a: u64, b: u64) -> u64 {
    (a + b) % PRIME
}

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_one_fingerprint_wherever_it_stands() {
        let mut prints = Fingerprints::of_windows(3);
        for line in ["x", "a", "b", "c", "y", "a", "b", "c", "c"] {
            prints.push(line);
        }
        assert_eq!(prints.found.len(), 7);
        assert_eq!(prints.found[1], prints.found[5]);
        let mut different = prints.found.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 6);
    }

    #[test]
    fn fewer_lines_than_a_window_have_no_fingerprint() {
        let mut prints = Fingerprints::of_windows(2);
        prints.push("x");
        assert!(prints.found.is_empty());
    }
}
