//! Cuts a text into words, marks, texts and comments.
//!
//! No token reaches over the end of a line: what is longer comes in pieces, so that whoever reads tokens knows
//! of each line what stands in it.

#[cfg(test)]
mod tests;

use crate::language::{Language, Reach};

/// A piece of source within one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'t> {
    /// What it is.
    pub kind: TokenKind,
    /// Its own characters.
    pub text: &'t str,
    /// The line it stands in, from 1.
    pub line: u32,
    /// Its distance from the head of the line, in bytes.
    pub column: u32,
    /// Whether nothing stands before it in its line, and it does not go on with what began in another.
    pub first: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An identifier or a keyword.
    Word,
    /// A number.
    Number,
    /// A literal text or character, or a line of one.
    Text,
    /// One character that is nothing else.
    Mark,
    /// A comment, or a line of one.
    Comment,
}

/// The tokens of a text, in order.
pub struct Tokens<'t> {
    text: &'t str,
    language: &'static Language,
    at: usize,
    line: u32,
    line_start: usize,
    fresh: bool,
    inside: Inside,
}

/// What the scanner is in the middle of.
#[derive(Clone, Copy)]
enum Inside {
    Code,
    Comment { open: &'static str, close: &'static str, depth: u32 },
    Text { mark: &'static str, hashes: usize, escapes: bool, reach: Reach, kind: TokenKind },
}

impl<'t> Tokens<'t> {
    /// The tokens of `text`, read as `language`.
    pub fn of(text: &'t str, language: &'static Language) -> Self {
        Self { text, language, at: 0, line: 1, line_start: 0, fresh: true, inside: Inside::Code }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn sees(&self, what: &str) -> bool {
        self.rest().starts_with(what.as_bytes())
    }

    /// Goes to the next character that is no space; `None` at the end.
    fn skip_space(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at + 1;
                self.fresh = true;
            } else if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Reads on in a comment or text until it or its line ends.
    fn finish(&mut self) -> TokenKind {
        match self.inside {
            Inside::Code => TokenKind::Mark,
            Inside::Comment { open, close, mut depth } => {
                while let Some(&byte) = self.rest().first() {
                    if byte == b'\n' {
                        self.inside = Inside::Comment { open, close, depth };
                        return TokenKind::Comment;
                    }
                    if self.sees(close) {
                        self.at += close.len();
                        depth -= 1;
                        if depth == 0 {
                            break;
                        }
                    } else if self.language.nested && self.sees(open) {
                        self.at += open.len();
                        depth += 1;
                    } else {
                        self.at += 1;
                    }
                }
                self.inside = Inside::Code;
                TokenKind::Comment
            }
            Inside::Text { mark, hashes, escapes, reach, kind } => {
                while let Some(&byte) = self.rest().first() {
                    if byte == b'\n' {
                        if matches!(reach, Reach::Line | Reach::Character) {
                            break;
                        }
                        return kind;
                    }
                    if escapes && byte == b'\\' {
                        // A hidden line end keeps the text open, whatever its reach.
                        if self.rest().get(1) == Some(&b'\n') {
                            self.at += 1;
                            return kind;
                        }
                        self.at = (self.at + 2).min(self.text.len());
                    } else if self.sees(mark) && self.closes(mark, hashes) {
                        self.at += mark.len() + hashes;
                        break;
                    } else {
                        self.at += 1;
                    }
                }
                self.inside = Inside::Code;
                kind
            }
        }
    }

    fn closes(&self, mark: &str, hashes: usize) -> bool {
        let after = &self.rest()[mark.len()..];
        after.len() >= hashes && after[..hashes].iter().all(|&byte| byte == b'#')
    }

    /// Reads a comment, if one begins here.
    fn comment(&mut self) -> Option<TokenKind> {
        let language = self.language;
        if let Some(&(open, close)) = language.block_comments.iter().find(|(open, _)| self.sees(open)) {
            self.at += open.len();
            self.inside = Inside::Comment { open, close, depth: 1 };
            return Some(self.finish());
        }
        let open = language.line_comments.iter().find(|open| self.sees(open))?;
        // `$#` and `a#b` are no comments where `#` begins one.
        if *open == "#" && self.at > 0 && !self.text.as_bytes()[self.at - 1].is_ascii_whitespace() {
            return None;
        }
        self.at += self.rest().iter().position(|&byte| byte == b'\n').unwrap_or(self.rest().len());
        Some(TokenKind::Comment)
    }

    /// Reads a text, if one begins here.
    fn quoted(&mut self, fresh: bool) -> Option<TokenKind> {
        let quote = self.language.quotes.iter().find(|quote| self.sees(quote.mark))?;
        if quote.reach == Reach::Character && !self.is_character() {
            return None;
        }
        let kind = if quote.reach == Reach::Doc && fresh { TokenKind::Comment } else { TokenKind::Text };
        self.at += quote.mark.len();
        let (mark, escapes, reach) = (quote.mark, quote.escapes, quote.reach);
        self.inside = Inside::Text { mark, hashes: 0, escapes, reach, kind };
        Some(self.finish())
    }

    /// Whether the apostrophe here begins a character, and not a lifetime.
    fn is_character(&self) -> bool {
        let mut after = self.text[self.at + 1..].chars();
        match after.next() {
            Some('\\') => true,
            Some('\n') | None => false,
            Some(_) => after.next() == Some('\''),
        }
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        self.at += self.rest().iter().position(|&byte| !is_word(byte)).unwrap_or(self.rest().len());
        let word = &self.text[start..self.at];
        if word.len() > 2 {
            return TokenKind::Word;
        }
        // `r#"…"#`, `b"…"`, `f'…'`: what stands before the mark belongs to the text.
        if matches!(word, "r" | "br" | "cr") && self.language.nested {
            let hashes = self.rest().iter().take_while(|&&byte| byte == b'#').count();
            if self.rest().get(hashes) == Some(&b'"') {
                self.at += hashes + 1;
                let kind = TokenKind::Text;
                self.inside = Inside::Text { mark: "\"", hashes, escapes: false, reach: Reach::Lines, kind };
                return self.finish();
            }
        }
        self.quoted(false).unwrap_or(TokenKind::Word)
    }

    fn number(&mut self) -> TokenKind {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            let more = bytes.get(self.at + 1).is_some_and(u8::is_ascii_alphanumeric);
            // `1.5` and C++'s `1'000`, but not the range `1..5`.
            if !(is_word(byte) || matches!(byte, b'.' | b'\'') && more) {
                break;
            }
            self.at += 1;
        }
        TokenKind::Number
    }
}

/// Whether `byte` may stand in an identifier. Everything beyond ASCII may, which keeps characters whole.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        let byte = self.skip_space()?;
        let (start, fresh) = (self.at, self.fresh);
        let begins = matches!(self.inside, Inside::Code);
        self.fresh = false;
        let kind = if !begins {
            self.finish()
        } else if byte.is_ascii_digit() {
            self.number()
        } else if is_word(byte) {
            self.word()
        } else if let Some(kind) = self.comment() {
            kind
        } else if let Some(kind) = self.quoted(fresh) {
            kind
        } else {
            self.at += 1;
            TokenKind::Mark
        };
        let text = self.text[start..self.at].trim_end();
        let column = u32::try_from(start - self.line_start).unwrap_or(u32::MAX);
        Some(Token { kind, text, line: self.line, column, first: fresh && begins })
    }
}
