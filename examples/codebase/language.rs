//! What the survey knows of a language: how its comments, texts and functions look.

use std::path::Path;

use crate::language_table::{LANGUAGES, OTHER};

/// A language, as far as a line counter needs it.
#[derive(Debug)]
pub struct Language {
    /// As people write it.
    pub name: &'static str,
    /// What its files are for.
    pub kind: Kind,
    /// Ends of file names, without the dot.
    pub(crate) endings: &'static [&'static str],
    /// Whole file names.
    pub(crate) files: &'static [&'static str],
    /// Programs that a `#!` line may name.
    pub(crate) interpreters: &'static [&'static str],
    /// What begins a comment to the end of its line.
    pub(crate) line_comments: &'static [&'static str],
    /// What begins and ends a comment.
    pub(crate) block_comments: &'static [(&'static str, &'static str)],
    /// Whether block comments hold block comments.
    pub(crate) nested: bool,
    /// What begins and ends a text; longer ones first.
    pub(crate) quotes: &'static [Quote],
    /// How a function begins and ends.
    pub(crate) functions: Functions,
    /// Words that are no identifiers, sorted.
    pub(crate) keywords: &'static [&'static str],
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Code: its identifiers, functions and repeated passages are told.
    Code,
    /// Configuration, markup and tables: only counted.
    Data,
    /// Text for people: only counted, as comment.
    Prose,
}

/// A text literal.
#[derive(Debug)]
pub(crate) struct Quote {
    pub(crate) mark: &'static str,
    /// Whether a backslash hides the next character.
    pub(crate) escapes: bool,
    pub(crate) reach: Reach,
}

/// Where a text literal may end, beside at its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At the end of its line: a lone apostrophe must not swallow the rest of a file.
    Line,
    /// Only at its mark.
    Lines,
    /// Only at its mark, and at the head of a line it is documentation.
    Doc,
    /// After one character: `'a'`, while `'a` is a lifetime.
    Character,
}

/// How functions of a language look.
#[derive(Debug)]
pub(crate) enum Functions {
    /// They are not looked for.
    None,
    /// A body in braces, after one of the words or, where `calls`, after what looks like a call.
    Braces { words: &'static [&'static str], calls: bool },
    /// A word at the head of a line, and a body that stands further in; `end` closes it, if there is one.
    Indented { words: &'static [&'static str], end: Option<&'static str> },
}

impl Language {
    /// The language of a file, by its name or else by its first line.
    pub fn of(path: &Path, text: &str) -> &'static Self {
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if let Some(named) = LANGUAGES.iter().find(|language| language.files.contains(&file)) {
            return named;
        }
        let lower = ending.to_ascii_lowercase();
        if let Some(found) = LANGUAGES.iter().find(|language| language.endings.contains(&&*lower)) {
            return found;
        }
        let Some(program) = interpreter(text) else { return &OTHER };
        LANGUAGES.iter().find(|language| language.interpreters.contains(&program)).unwrap_or(&OTHER)
    }

    /// Whether `word` has a meaning of its own in this language.
    pub fn is_keyword(&self, word: &str) -> bool {
        self.keywords.binary_search(&word).is_ok()
    }
}

/// The program that a `#!` line names, without its folder and version: `python` of `#!/usr/bin/env python3`.
fn interpreter(text: &str) -> Option<&str> {
    let mut words = text.lines().next()?.strip_prefix("#!")?.split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    let program = if program == "env" { words.find(|word| !word.starts_with('-'))? } else { program };
    Some(program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_endings_and_first_lines_tell_the_language() {
        let of = |name: &str, text| Language::of(Path::new(name), text).name;
        assert_eq!(of("a/b.rs", ""), "Rust");
        assert_eq!(of("A.PY", ""), "Python");
        assert_eq!(of("Makefile", ""), "Make");
        assert_eq!(of("run", "#!/usr/bin/env -S python3.12 -u\n"), "Python");
        assert_eq!(of("run", "#!/bin/sh"), "Shell");
        assert_eq!(of("LICENSE", "#!\n"), "Other");
        assert_eq!(of("a.unheard", ""), "Other");
    }

    #[test]
    fn keywords_are_sorted_and_endings_are_of_one_language() {
        let mut endings: Vec<&str> = Vec::new();
        for language in LANGUAGES {
            assert!(language.keywords.is_sorted(), "{}", language.name);
            endings.extend(language.endings);
        }
        let many = endings.len();
        endings.sort_unstable();
        endings.dedup();
        assert_eq!(endings.len(), many);
    }
}
