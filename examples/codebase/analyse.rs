//! What is to be known of one file.

use std::{collections::HashMap, ops::AddAssign};

use ember::operator;

use crate::{
    fingerprint::{CodeLines, Fingerprints},
    functions::{Function, FunctionFinder},
    identifiers::Words,
    language::{Kind, Language},
    limits::Limits,
    load::load,
    progress::Progress,
    scan::{TokenKind, Tokens},
    walk::{Entry, Skipped},
};

/// What a look at one file gave: its facts, or why there are none. A file that cannot be read is a row of the
/// report, so it does not end the survey.
pub type Looked<'a> = Result<FileFacts<'a>, Skipped>;

/// What the survey keeps of a file, once its text is gone.
#[derive(Debug)]
pub struct FileFacts<'a> {
    /// The file.
    pub entry: &'a Entry,
    /// What it is written in.
    pub language: &'static Language,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether bytes that are not UTF-8 were replaced.
    pub replaced: bool,
    /// Its lines.
    pub lines: Lines,
    /// Its identifiers.
    pub words: Words,
    /// Its longest functions.
    pub functions: Vec<Function>,
    /// The fingerprints of its passages, one for each line of code that begins one.
    pub prints: Vec<u64>,
}

/// Lines by what they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Code, perhaps with a comment.
    pub code: u64,
    /// Nothing but a comment.
    pub comment: u64,
    /// Nothing.
    pub blank: u64,
}

impl Lines {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.code + self.comment + self.blank
    }
}

impl AddAssign for Lines {
    fn add_assign(&mut self, other: Self) {
        self.code += other.code;
        self.comment += other.comment;
        self.blank += other.blank;
    }
}

/// Reads one file and keeps what the report needs.
///
/// # Errors
/// The file is binary, too large or not readable.
#[operator]
pub fn analyse<'a>(file: &'a Entry, limits: &Limits, progress: &Progress) -> Looked<'a> {
    let looked = load(file, limits).map(|loaded| {
        let language = Language::of(&file.path, &loaded.text);
        let facts = FileFacts {
            entry: file,
            language,
            bytes: loaded.bytes,
            replaced: loaded.replaced,
            lines: Lines::default(),
            words: Words::default(),
            functions: Vec::new(),
            prints: Vec::new(),
        };
        read(&loaded.text, facts, limits)
    });
    progress.step();
    looked
}

fn read<'a>(text: &str, mut facts: FileFacts<'a>, limits: &Limits) -> FileFacts<'a> {
    let language = facts.language;
    let is_code = language.kind == Kind::Code;
    let mut counted: HashMap<&str, u32> = HashMap::new();
    let mut functions = FunctionFinder::of(language);
    let mut prints = Fingerprints::of_windows(limits.min_lines);
    let mut lines = CodeLines::default();
    let (mut code_line, mut comment_line) = (0, 0);
    for token in Tokens::of(text, language) {
        if token.kind == TokenKind::Comment || language.kind == Kind::Prose {
            if token.line != comment_line && token.line != code_line {
                facts.lines.comment += 1;
                comment_line = token.line;
            }
            continue;
        }
        if token.line != code_line {
            facts.lines.code += 1;
            code_line = token.line;
            // A comment that stood before the code of its line.
            facts.lines.comment -= u64::from(token.line == comment_line);
        }
        if is_code {
            if token.kind == TokenKind::Word {
                *counted.entry(token.text).or_default() += 1;
            }
            functions.take(&token);
            lines.take(&token, &mut |_, line| prints.push(line));
        }
    }
    lines.finish(&mut |_, line| prints.push(line));
    facts.lines.blank = text.lines().count() as u64 - facts.lines.code - facts.lines.comment;
    facts.words = Words::of(&counted, language);
    facts.functions = functions.finish(limits.top);
    facts.prints = prints.found;
    facts
}
