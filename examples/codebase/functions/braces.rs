//! Functions with a body in braces.

use super::Function;
use crate::{
    language::Language,
    scan::{Token, TokenKind},
};

pub(crate) struct Braces {
    language: &'static Language,
    /// Words that begin a function, such as `fn`.
    words: &'static [&'static str],
    /// Whether what looks like a call, followed by a brace, is a function too.
    calls: bool,
    found: Vec<Function>,
    stage: Stage,
    /// The name of what may turn out a function, and its line.
    name: Option<(String, u32)>,
    /// A name that stands after a call: `MACRO(x) int name(…) {`.
    second: Option<(String, u32)>,
    /// Parentheses and brackets that are open since the last brace.
    parens: u32,
    open: Vec<Frame>,
    /// How many of `open` are bodies of functions.
    bodies: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing looks like a function.
    Idle,
    /// A word such as `fn` was read.
    Announced,
    /// A word was read that a parenthesis may follow.
    Word,
    /// Between the parentheses after such a word.
    Arguments,
    /// After them: a brace would begin a body.
    Signature,
    /// After the colon of a constructor: calls are those of its members.
    Members,
}

/// A brace that is open.
struct Frame {
    /// The function whose body it begins.
    function: Option<(String, u32)>,
    /// The parentheses that were open outside.
    parens: u32,
}

impl Braces {
    pub(super) fn of(language: &'static Language, words: &'static [&'static str], calls: bool) -> Self {
        Self {
            language,
            words,
            calls,
            found: Vec::new(),
            stage: Stage::Idle,
            name: None,
            second: None,
            parens: 0,
            open: Vec::new(),
            bodies: 0,
        }
    }

    pub(super) fn take(&mut self, token: &Token<'_>) {
        match (token.kind, token.text) {
            (TokenKind::Word, word) if self.parens == 0 => self.word(word, token.line),
            (TokenKind::Mark, mark @ ("(" | "[")) => {
                if self.parens == 0 {
                    self.open_paren(mark);
                }
                self.parens += 1;
            }
            (TokenKind::Mark, ")" | "]") => {
                self.parens = self.parens.saturating_sub(1);
                if self.parens == 0 && self.stage == Stage::Arguments {
                    self.stage = Stage::Signature;
                }
            }
            (TokenKind::Mark, "{") => self.open_brace(),
            (TokenKind::Mark, "}") => {
                // `#if` can leave braces open; one at the head of a line closes all.
                let all = self.calls && token.first && token.column == 0;
                self.close_brace(if all { 0 } else { self.open.len().saturating_sub(1) }, token.line);
            }
            (TokenKind::Mark, ";") if self.parens == 0 => self.stage = Stage::Idle,
            (TokenKind::Mark, "=") if self.parens == 0 && self.calls => self.stage = Stage::Idle,
            (TokenKind::Mark, ":") if self.stage == Stage::Signature => self.stage = Stage::Members,
            _ => {}
        }
    }

    /// What was found. A body that never ends is none.
    pub(super) fn finish(self) -> Vec<Function> {
        self.found
    }

    fn word(&mut self, word: &str, line: u32) {
        if self.words.contains(&word) {
            (self.stage, self.name) = (Stage::Announced, None);
            return;
        }
        let named = || Some((word.to_owned(), line));
        match self.stage {
            Stage::Announced if self.name.is_none() => self.name = named(),
            Stage::Idle | Stage::Word if self.calls && !self.language.is_keyword(word) => {
                (self.stage, self.name) = (Stage::Word, named());
            }
            Stage::Idle | Stage::Word => self.stage = Stage::Idle,
            // `const`, `noexcept` and the like stand between `)` and `{` too.
            Stage::Signature => self.second = if self.language.is_keyword(word) { None } else { named() },
            Stage::Announced | Stage::Arguments | Stage::Members => {}
        }
    }

    /// A parenthesis opens outside all others.
    fn open_paren(&mut self, mark: &str) {
        match self.stage {
            // `fn(u8)` is a type and `function (a) {}` has no name, but in Go a receiver stands first.
            Stage::Announced if self.name.is_none() && self.language.name != "Go" => self.stage = Stage::Idle,
            Stage::Word if mark == "(" => self.stage = Stage::Arguments,
            Stage::Word => self.stage = Stage::Idle,
            Stage::Signature if mark == "(" => {
                if let Some(second) = self.second.take() {
                    (self.stage, self.name) = (Stage::Arguments, Some(second));
                }
            }
            _ => {}
        }
    }

    fn open_brace(&mut self) {
        let signed = matches!(self.stage, Stage::Announced | Stage::Signature | Stage::Members);
        // Inside of a function, a call before a brace is a macro that loops.
        let within = self.words.is_empty() && self.bodies > 0;
        let begins = signed && self.parens == 0 && !within;
        let function = if begins { self.name.take() } else { None };
        self.bodies += usize::from(function.is_some());
        self.open.push(Frame { function, parens: self.parens });
        (self.stage, self.second, self.parens) = (Stage::Idle, None, 0);
    }

    fn close_brace(&mut self, left: usize, line: u32) {
        self.parens = 0;
        for frame in self.open.drain(left.min(self.open.len())..).rev() {
            self.parens = if left == 0 { 0 } else { frame.parens };
            if let Some((name, first)) = frame.function {
                self.bodies -= 1;
                self.found.push(Function { name, first, last: line });
            }
        }
        self.stage = Stage::Idle;
    }
}
