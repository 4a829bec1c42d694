//! `?` in a graph.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use super::tokens::{is_group, is_joint, is_keyword, is_punct, with_tokens};

/// The lines with another way to take the value out of a `Result`: `?` asks for a conversion of errors, and those of a
/// graph are its own. Closures and `async` blocks keep theirs.
pub(super) fn without_tries(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = TokenStream::new();
    let mut starts = true;
    let mut i = 0;
    while i < trees.len() {
        let tree = &trees[i];
        let keep = if starts && is_punct(tree, '|') {
            let rest = &trees[i + 1..];
            let body = rest.iter().position(|tree| is_punct(tree, '|')).map_or(rest.len(), |bar| bar + 1);
            let end = rest[body..].iter().position(|tree| is_punct(tree, ',') || is_punct(tree, ';'));
            1 + end.map_or(rest.len(), |end| body + end)
        } else if is_keyword(tree, "async") {
            1 + trees[i + 1..].iter().take_while(|tree| !is_group(tree, Delimiter::Brace)).count() + 1
        } else if is_joint(tree, '|') {
            // An "or", which would look like a closure without parameters.
            2
        } else {
            0
        };
        if keep > 0 {
            let end = trees.len().min(i + keep);
            out.extend(trees[i..end].iter().cloned());
            i = end;
            starts = is_punct(tree, '|');
            continue;
        }
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '?' && !starts => {
                out.extend(quote!(.ok().unwrap()));
            }
            TokenTree::Group(group) => out.extend([with_tokens(group, without_tries(group.stream()))]),
            _ => out.extend([tree.clone()]),
        }
        starts = match tree {
            TokenTree::Punct(punct) => punct.as_char() != '?',
            TokenTree::Ident(ident) => {
                ["move", "return", "break", "in", "else", "if", "match"].contains(&ident.to_string().as_str())
            }
            _ => false,
        };
        i += 1;
    }
    out
}
