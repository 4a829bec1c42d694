//! `graph!`: from tokens to a checked graph to code.
//!
//! The phases, in the order of their modules: `syntax` takes the tokens apart, `lower` makes steps of the statements,
//! `check` adds what only the whole graph shows, `emit` (with `schedule`) writes the code. Mistakes are collected, and
//! the next phase runs only on what is right. What broken input expands to is in `fallback`.

mod attributes;
mod check;
mod cycles;
mod emit;
mod fallback;
mod forbidden;
mod lower;
mod macros;
mod model;
mod schedule;
mod syntax;
mod types;
mod uses;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use crate::diagnostics::Diagnostics;

/// Expands `graph!`: the path of the crate in brackets, then any number of graphs.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let (krate, input) = syntax::crate_path(input);
    let mut tokens = TokenStream::new();
    for part in syntax::split(input) {
        tokens.extend(one(&part, &krate, false));
    }
    tokens
}

/// Expands the attribute form.
pub(crate) fn expand_attribute(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    match syntax::attribute_arguments(arguments) {
        Ok((krate, fail_fast)) => one(item, &krate, fail_fast),
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#item #error)
        }
    }
}

fn one(tokens: &TokenStream, krate: &TokenStream, fail_fast: bool) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let syntax = match syntax::parse(tokens.clone()) {
        Ok(syntax) => syntax,
        Err(broken) => return fallback::broken(&broken, tokens, krate),
    };
    let signature = syntax.signature();
    let graph = check::check(syntax, krate, fail_fast, &mut diagnostics);
    if diagnostics.is_empty() {
        emit::emit(graph)
    } else {
        fallback::refused(&diagnostics, &signature, tokens, krate)
    }
}
