//! What the other files ask of tokens.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

use super::Names;

/// All words of a pattern. Some of them are types and fields, which are missed by nobody.
pub(super) fn words(tree: &TokenTree, names: &mut Names) {
    match tree {
        TokenTree::Ident(ident) => {
            names.insert(ident.to_string());
        }
        TokenTree::Group(group) => group.stream().into_iter().for_each(|tree| words(&tree, names)),
        _ => {}
    }
}

/// The attribute that stands first, and what it has in parentheses.
pub(super) fn attribute(trees: &[TokenTree]) -> Option<(String, Option<TokenStream>)> {
    let [hash, TokenTree::Group(group), ..] = trees else { return None };
    if !is_punct(hash, '#') || group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut inside = group.stream().into_iter();
    let Some(TokenTree::Ident(name)) = inside.next() else { return None };
    let arguments = match inside.next() {
        Some(TokenTree::Group(group)) => Some(group.stream()),
        _ => None,
    };
    Some((name.to_string(), arguments))
}

/// Tokens that belong to no text, so that nobody is led to them.
pub(super) fn unseen(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            if let TokenTree::Group(group) = &tree {
                tree = TokenTree::Group(Group::new(group.delimiter(), unseen(group.stream())));
            }
            tree.set_span(Span::call_site());
            tree
        })
        .collect()
}

pub(super) fn with_tokens(group: &Group, tokens: TokenStream) -> TokenTree {
    let mut written = Group::new(group.delimiter(), tokens);
    written.set_span(group.span());
    TokenTree::Group(written)
}

pub(super) fn is_group(tree: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(tree, TokenTree::Group(group) if group.delimiter() == delimiter)
}

pub(super) fn is_punct(tree: &TokenTree, char: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char)
}

pub(super) fn is_joint(tree: &TokenTree, char: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == char && punct.spacing() == Spacing::Joint)
}

pub(super) fn is_keyword(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == word)
}

/// `=` on its own.
pub(super) fn is_equals(trees: &[TokenTree], i: usize) -> bool {
    let goes_on = is_joint(&trees[i], '=')
        && trees.get(i + 1).is_some_and(|next| is_punct(next, '=') || is_punct(next, '>'));
    let joined = i.checked_sub(1).is_some_and(|before| {
        matches!(&trees[before], TokenTree::Punct(p) if p.spacing() == Spacing::Joint && p.as_char() != '>')
    });
    is_punct(&trees[i], '=') && !goes_on && !joined
}

pub(super) fn is_fat_arrow(trees: &[TokenTree], i: usize) -> bool {
    is_joint(&trees[i], '=') && trees.get(i + 1).is_some_and(|tree| is_punct(tree, '>'))
}
