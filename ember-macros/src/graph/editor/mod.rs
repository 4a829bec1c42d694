//! What a graph expands to for rust-analyzer: the function with the same lines, and the node beside it without a body.
//!
//! To complete a half-typed line, rust-analyzer expands it twice, once as it is and once with a name put in at the
//! cursor, and looks in the one at the place where the name stands in the other. So what stands before the cursor must
//! be the same in both, though one may be a graph and the other not even parse. Therefore the function comes first, and
//! is written from the tokens: what is written of a token depends on what stands before it, and on nothing behind it
//! but its nearest neighbours.
//!
//! The function tells types, definitions and completions. Whether the graph is right, the compiler says.

mod body;
mod call;
mod tokens;
mod tries;

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use self::body::Body;
use self::tokens::{attribute, is_keyword, is_punct, with_tokens, words};
use self::tries::without_tries;
use super::fallback;
use super::syntax::Head;

/// The names of values, which are no operators.
type Names = HashSet<String>;

/// The function, the node if the head is right, and what is wrong.
pub(super) fn expand(
    tokens: &TokenStream,
    head: Option<&Head>,
    errors: &TokenStream,
    krate: &TokenStream,
) -> TokenStream {
    let function = function(tokens, krate);
    let node = head.map(|head| fallback::node(head, krate));
    quote!(#function #node #errors)
}

/// The function of a graph, finished or not.
fn function(tokens: &TokenStream, krate: &TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut names = Names::new();
    let (mut named, mut parameters) = (false, false);
    let mut output = Vec::new();
    let mut out = TokenStream::new();
    let mut i = 0;
    while i < trees.len() {
        if let Some((name, _)) = attribute(&trees[i..])
            && (name == "fail_fast" || name == "ember")
        {
            i += 2;
            continue;
        }
        match &trees[i] {
            TokenTree::Group(group)
                if named && !parameters && group.delimiter() == Delimiter::Parenthesis =>
            {
                parameters = true;
                parameter_names(group.stream(), &mut names);
                out.extend([with_tokens(group, without_markers(group.stream()))]);
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && i + 1 == trees.len() => {
                let body = Body { names: std::mem::take(&mut names), asked: asks_for_value(&output) };
                let lines = without_tries(body.lines(group.stream()));
                out.extend([with_tokens(group, quote!(use #krate::__private::Named as _; #lines))]);
            }
            tree => {
                named |= is_keyword(tree, "fn");
                if parameters {
                    output.push(tree.clone());
                }
                out.extend([tree.clone()]);
            }
        }
        i += 1;
    }
    out
}

/// Whether a graph returns something, and no `Result`.
fn asks_for_value(output: &[TokenTree]) -> bool {
    let [dash, arrow, ty @ ..] = output else { return false };
    let ty = ty.split(|tree| is_keyword(tree, "where")).next().unwrap_or_default();
    let name = ty.split(|tree| is_punct(tree, '<')).next().and_then(<[TokenTree]>::last);
    let nothing = matches!(ty, [TokenTree::Group(group)] if group.stream().is_empty());
    is_punct(dash, '-')
        && is_punct(arrow, '>')
        && !nothing
        && !name.is_some_and(|name| is_keyword(name, "Result"))
}

/// The parameters without ember's own attributes.
fn without_markers(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = TokenStream::new();
    let mut i = 0;
    while i < trees.len() {
        match attribute(&trees[i..]) {
            Some((name, _)) if name == "cx" || name == "arg" => i += 2,
            _ => {
                out.extend([trees[i].clone()]);
                i += 1;
            }
        }
    }
    out
}

/// The names before each `:`.
fn parameter_names(tokens: TokenStream, names: &mut Names) {
    let mut pattern = true;
    for tree in tokens {
        if is_punct(&tree, ',') {
            pattern = true;
        } else if is_punct(&tree, ':') {
            pattern = false;
        } else if pattern {
            words(&tree, names);
        }
    }
}
