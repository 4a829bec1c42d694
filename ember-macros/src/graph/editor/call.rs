//! Calls of operators, told from plain ones as `lower` tells them.

use proc_macro2::{Delimiter, TokenTree};

use super::super::types::is_primitive;
use super::Names;
use super::tokens::{is_group, is_joint, is_keyword, is_punct};

/// A path with arguments in parentheses.
pub(super) struct Call<'t> {
    pub(super) path: &'t [TokenTree],
    /// With its `::`.
    pub(super) turbofish: &'t [TokenTree],
    pub(super) arguments: &'t TokenTree,
    pub(super) end: usize,
}

impl<'t> Call<'t> {
    pub(super) fn read(trees: &'t [TokenTree], start: usize) -> Option<Self> {
        let colons = |i: usize| {
            trees.get(i).is_some_and(|tree| is_punct(tree, ':'))
                && trees.get(i + 1).is_some_and(|tree| is_punct(tree, ':'))
        };
        let mut i = start;
        if colons(i) {
            i += 2;
        }
        let mut path_end;
        let mut turbofish = &trees[..0];
        loop {
            let Some(TokenTree::Ident(_)) = trees.get(i) else { return None };
            i += 1;
            path_end = i;
            if !colons(i) {
                break;
            }
            i += 2;
            if trees.get(i).is_some_and(|tree| is_punct(tree, '<')) {
                i = angles(trees, i)?;
                turbofish = &trees[path_end..i];
                break;
            }
        }
        let arguments = trees.get(i).filter(|tree| is_group(tree, Delimiter::Parenthesis))?;
        ends(trees, i + 1).then_some(Self { path: &trees[start..path_end], turbofish, arguments, end: i + 1 })
    }

    /// See `Lower::is_operator`.
    pub(super) fn is_operator(&self, names: &Names) -> bool {
        let lower =
            |name: &str| name.trim_start_matches("r#").starts_with(|c: char| c.is_lowercase() || c == '_');
        let segments: Vec<String> = self
            .path
            .iter()
            .filter_map(
                |tree| if let TokenTree::Ident(ident) = tree { Some(ident.to_string()) } else { None },
            )
            .collect();
        let Some((last, before)) = segments.split_last() else { return false };
        let keywords =
            ["return", "break", "match", "if", "while", "loop", "move", "unsafe", "let", "in", "for", "self"];
        lower(last)
            && !keywords.contains(&last.as_str())
            && before.last().is_none_or(|name| lower(name))
            && !(before.is_empty() && names.contains(last))
            && !(before.len() == 1 && is_primitive(&before[0]))
    }
}

/// Whether `.await` stands there.
pub(super) fn is_awaited(trees: &[TokenTree], i: usize) -> bool {
    trees.get(i).is_some_and(|tree| is_punct(tree, '.'))
        && trees.get(i + 1).is_some_and(|tree| is_keyword(tree, "await"))
}

/// Whether nothing but `.await` and `?` stands behind a head: otherwise it is a part of plain Rust.
pub(super) fn ends(trees: &[TokenTree], mut i: usize) -> bool {
    if is_awaited(trees, i) {
        i += 2;
    }
    while trees.get(i).is_some_and(|tree| is_punct(tree, '?')) {
        i += 1;
    }
    match trees.get(i) {
        None => true,
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | ';' | '#'),
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(TokenTree::Ident(ident)) => ident != "as",
        Some(TokenTree::Literal(_)) => false,
    }
}

/// The place behind the `>` that closes a `<`.
fn angles(trees: &[TokenTree], mut i: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        let tree = trees.get(i)?;
        let arrow = i > 0 && is_punct(tree, '>') && is_joint(&trees[i - 1], '-');
        if is_punct(tree, '<') {
            depth += 1;
        } else if is_punct(tree, '>') && !arrow {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(i + 1);
            }
        } else if is_punct(tree, ';') {
            return None;
        }
        i += 1;
    }
}
