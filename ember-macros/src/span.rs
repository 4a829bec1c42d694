//! Where tokens of the macros' own are shown.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// The place of a generated token that belongs to a token of the user.
///
/// For the compiler it is the user's token, so that messages point there. rust-analyzer takes every token there
/// as a meaning of the user's text, which would confuse "go to definition"; for it the token has no place.
pub(crate) fn at(span: Span) -> Span {
    if is_rust_analyzer() { Span::call_site() } else { span }
}

/// Whether the editor's analyser expands the macro, not the compiler.
pub(crate) fn is_rust_analyzer() -> bool {
    std::env::var_os("RUST_ANALYZER_INTERNALS_DO_NOT_USE").is_some()
}

/// The line and column of a token, counted from one; (1, 1) outside of the compiler.
pub(crate) fn position(span: Span) -> (u32, u32) {
    if !proc_macro::is_available() {
        return (1, 1);
    }
    let span = span.unwrap();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(span.line()), number(span.column()))
}

/// A path from the root, as if it stood in the user's text: messages about what it leads to do not speak of a macro.
pub(crate) fn shown_at(tokens: &TokenStream, place: Span) -> TokenStream {
    let show = |mut tree: TokenTree| {
        if let TokenTree::Group(group) = &tree {
            let inner = shown_at(&group.stream(), place);
            tree = TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner));
        }
        // What `$crate` means goes by where it stands.
        if tree.to_string() != "$crate" {
            tree.set_span(place);
        }
        tree
    };
    tokens.clone().into_iter().map(show).collect()
}

/// Tokens as they are written, with spaces where there are some; as printed, outside of the compiler.
pub(crate) fn written(tokens: &TokenStream) -> String {
    if !proc_macro::is_available() {
        return tokens.to_string();
    }
    let mut text = String::new();
    let mut end = None;
    write(tokens.clone(), &mut text, &mut end);
    text
}

/// Where the last token ended.
type End = Option<(usize, usize)>;

fn write(tokens: TokenStream, text: &mut String, end: &mut End) {
    let add = |part: &str, from: (usize, usize), to: (usize, usize), text: &mut String, end: &mut End| {
        if end.is_some_and(|end| end != from) {
            text.push(' ');
        }
        text.push_str(part);
        *end = Some(to);
    };
    for tree in tokens {
        let span = tree.span().unwrap();
        let (from, last) = ((span.line(), span.column()), span.end());
        let to = (last.line(), last.column());
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                // What was parsed and printed knows where the whole stands, and not its two ends.
                add(open, from, (from.0, from.1 + open.len()), text, end);
                write(group.stream(), text, end);
                add(close, (to.0, to.1.saturating_sub(close.len())), to, text, end);
            }
            other => add(&other.to_string(), from, to, text, end),
        }
    }
}
