use std::path::Path;

use TokenKind::{Comment, Mark, Number, Text, Word};

use super::*;
use crate::{functions::FunctionFinder, language_table::LANGUAGES};

fn tokens(file: &str, text: &str) -> Vec<(TokenKind, String, u32)> {
    let language = Language::of(Path::new(file), text);
    Tokens::of(text, language).map(|token| (token.kind, token.text.to_owned(), token.line)).collect()
}

fn kinds(file: &str, text: &str) -> Vec<TokenKind> {
    tokens(file, text).into_iter().map(|(kind, ..)| kind).collect()
}

#[test]
fn texts_hide_comments_and_comments_hide_texts() {
    let kinds_of_c = kinds("a.c", r#"a("/* // \" "); /* " */ b"#);
    assert_eq!(kinds_of_c, [Word, Mark, Text, Mark, Mark, Comment, Word]);
    assert_eq!(kinds("a.rs", "/* /* */ x */ a // b"), [Comment, Word, Comment]);
    assert_eq!(kinds("a.c", "/* /* */ x"), [Comment, Word]);
    assert_eq!(kinds("a.sh", "echo $# a#b # c"), [Word, Mark, Mark, Word, Mark, Word, Comment]);
}

#[test]
fn rust_has_lifetimes_characters_and_raw_texts() {
    assert_eq!(kinds("a.rs", r"&'a 'b' '\'' b'c' 'é'"), [Mark, Mark, Word, Text, Text, Text, Text]);
    let raw = r###"r#"a "b" c"# r"\" br##""#"## r#type"###;
    assert_eq!(kinds("a.rs", raw), [Text, Text, Text, Word, Mark, Word]);
}

#[test]
fn numbers_are_whole_and_ranges_are_not_numbers() {
    assert_eq!(kinds("a.rs", "1.5 0xff_u8 1..2"), [Number, Number, Number, Mark, Mark, Number]);
    assert_eq!(kinds("a.cpp", "1'000'000 'a'"), [Number, Text]);
}

#[test]
fn long_texts_come_line_by_line_and_lone_quotes_end_with_theirs() {
    let expected = [(Text, "\"one", 1), (Text, "two\"", 3), (Word, "x", 3)];
    let expected = expected.map(|(kind, text, line)| (kind, text.to_owned(), line));
    assert_eq!(tokens("a.rs", "\"one\n\n  two\" x"), expected);
    assert_eq!(kinds("a.js", "its' end\nx"), [Word, Text, Word]);
    assert_eq!(kinds("a.c", "\"a\\\nb\" x"), [Text, Text, Word]);
}

#[test]
fn documentation_of_python_is_comment() {
    let text = "'''About\nthis.'''\nx = '''y\nz'''";
    assert_eq!(kinds("a.py", text), [Comment, Comment, Word, Mark, Text, Text]);
}

const PARTS: &[&str] = &[
    "\"", "'", "`", "\\", "\n", "\r\n", " ", "/*", "*/", "//", "#", "r#\"", "\"#", "é", "漢", "a", "b'",
    "0x", "1.", "--[[", "]]", "{-", "<!--", "\"\"\"", "'''", "{", "}", "(", ")", ";", "fn ", "def ", "end",
    "=begin",
];

/// Whatever stands in a file: tokens come in order, each in its line, and what is no space is in one of them.
#[test]
fn any_text_is_cut_without_loss() {
    let mut random = fastrand::Rng::with_seed(1);
    for language in LANGUAGES {
        for _ in 0..300 {
            let text: String =
                (0..random.usize(0..40)).map(|_| PARTS[random.usize(0..PARTS.len())]).collect();
            let mut cut = String::new();
            let mut last = (1, 0);
            for token in Tokens::of(&text, language) {
                assert!((token.line, token.column) >= last, "{text:?}");
                last = (token.line, token.column);
                let line = text.split('\n').nth(token.line as usize - 1).expect("the line to be there");
                assert!(line[token.column as usize..].starts_with(token.text), "{text:?} {token:?}");
                cut.push_str(token.text);
            }
            let visible = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(visible(&cut), visible(&text), "{text:?}");
            let mut finder = FunctionFinder::of(language);
            Tokens::of(&text, language).for_each(|token| finder.take(&token));
            assert!(finder.finish(9).iter().all(|function| function.first <= function.last), "{text:?}");
        }
    }
}
