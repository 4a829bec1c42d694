//! Functions whose body stands further in than their head.

use super::Function;
use crate::scan::{Token, TokenKind};

pub(crate) struct Indents {
    /// Words that begin a function, such as `def`.
    words: &'static [&'static str],
    /// The word that closes a body at the column of its head, where the language has one.
    end: Option<&'static str>,
    found: Vec<Function>,
    open: Vec<Head>,
    naming: Naming,
    /// Where the current line begins.
    column: u32,
    /// Lines within parentheses may begin anywhere.
    parens: u32,
    /// The last line that held code.
    last: u32,
}

enum Naming {
    Idle,
    Announced,
    Named(Head),
}

struct Head {
    name: String,
    line: u32,
    column: u32,
}

impl Indents {
    pub(super) fn of(words: &'static [&'static str], end: Option<&'static str>) -> Self {
        let (found, open, naming) = (Vec::new(), Vec::new(), Naming::Idle);
        Self { words, end, found, open, naming, column: 0, parens: 0, last: 0 }
    }

    pub(super) fn take(&mut self, token: &Token<'_>) {
        if token.first && self.parens == 0 {
            self.begin_line(token);
        }
        self.name(token);
        match token.text {
            "(" | "[" | "{" if token.kind == TokenKind::Mark => self.parens += 1,
            ")" | "]" | "}" if token.kind == TokenKind::Mark => self.parens = self.parens.saturating_sub(1),
            _ => {}
        }
        self.last = token.line;
    }

    pub(super) fn finish(mut self) -> Vec<Function> {
        self.named();
        while let Some(head) = self.open.pop() {
            self.close(head, self.last);
        }
        self.found
    }

    fn begin_line(&mut self, token: &Token<'_>) {
        self.named();
        self.column = token.column;
        let ends = self.end == Some(token.text);
        // Ruby's `rescue` and `ensure` stand at the column of their `def` and close nothing.
        let level_closes = ends || self.end.is_none() || self.words.contains(&token.text);
        while let Some(head) = self
            .open
            .pop_if(|head| head.column > token.column || (head.column == token.column && level_closes))
        {
            let last = if ends && head.column == token.column { token.line } else { self.last };
            self.close(head, last);
        }
    }

    fn name(&mut self, token: &Token<'_>) {
        match &mut self.naming {
            Naming::Idle if token.kind == TokenKind::Word && self.words.contains(&token.text) => {
                self.naming = Naming::Announced;
            }
            Naming::Idle => {}
            Naming::Announced if token.kind == TokenKind::Word => {
                let (name, line, column) = (token.text.to_owned(), token.line, self.column);
                self.naming = Naming::Named(Head { name, line, column });
            }
            Naming::Announced => self.naming = Naming::Idle,
            // `self.name` and `Module.name:method` are one name.
            Naming::Named(head) if matches!(token.text, "." | ":") => head.name.push_str(token.text),
            Naming::Named(head) if head.name.ends_with(['.', ':']) => head.name.push_str(token.text),
            Naming::Named(_) => self.named(),
        }
    }

    /// The name is whole: its body begins.
    fn named(&mut self) {
        if let Naming::Named(head) = std::mem::replace(&mut self.naming, Naming::Idle) {
            self.open.push(head);
        }
    }

    fn close(&mut self, head: Head, last: u32) {
        self.found.push(Function { name: head.name, first: head.line, last });
    }
}
