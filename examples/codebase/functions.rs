//! Finds functions, by their looks.
//!
//! A survey does not parse: a function is what reads like one. Macros and unusual formatting can hide one.

mod braces;
mod indents;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use ember::operator;

use self::{braces::Braces, indents::Indents};
use crate::{
    analyse::{FileFacts, Looked},
    language::{Functions, Language},
    limits::Limits,
    scan::{Token, TokenKind},
};

/// A function and its lines, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line that names it.
    pub first: u32,
    /// The line that ends it.
    pub last: u32,
}

impl Function {
    /// How many lines it has.
    pub fn lines(&self) -> u32 {
        self.last - self.first + 1
    }
}

/// A function in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The function.
    pub function: Function,
    /// The file's path from the surveyed folder.
    pub file: String,
}

/// The longest functions of all files, longest first.
#[operator]
pub fn longest_of(looked: &[Looked<'_>], limits: &Limits) -> Vec<Placed> {
    let mut all: Vec<(&FileFacts<'_>, &Function)> = looked
        .iter()
        .flatten()
        .flat_map(|facts| facts.functions.iter().map(move |one| (facts, one)))
        .collect();
    // The sort is stable, and files come in the order of their paths.
    all.sort_by_key(|(_, function)| Reverse(function.lines()));
    all.truncate(limits.top);
    all.into_iter()
        .map(|(facts, function)| Placed { function: function.clone(), file: facts.entry.name.clone() })
        .collect()
}

/// Finds functions in a stream of tokens.
pub(crate) enum FunctionFinder {
    None,
    Braces(Braces),
    Indents(Indents),
}

impl FunctionFinder {
    pub(crate) fn of(language: &'static Language) -> Self {
        match language.functions {
            Functions::None => Self::None,
            Functions::Braces { words, calls } => Self::Braces(Braces::of(language, words, calls)),
            Functions::Indented { words, end } => Self::Indents(Indents::of(words, end)),
        }
    }

    pub(crate) fn take(&mut self, token: &Token<'_>) {
        match self {
            _ if token.kind == TokenKind::Comment => {}
            Self::None => {}
            Self::Braces(braces) => braces.take(token),
            Self::Indents(indents) => indents.take(token),
        }
    }

    /// The `top` longest, longest first.
    pub(crate) fn finish(self, top: usize) -> Vec<Function> {
        let mut found = match self {
            Self::None => return Vec::new(),
            Self::Braces(braces) => braces.finish(),
            Self::Indents(indents) => indents.finish(),
        };
        found.sort_by_key(|function| (Reverse(function.lines()), function.first));
        found.truncate(top);
        found
    }
}
