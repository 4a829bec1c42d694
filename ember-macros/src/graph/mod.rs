//! `graph!`: from tokens to a checked graph to code.
//!
//! The phases, in the order of their modules: `syntax` takes the tokens apart, `lower` makes steps of the statements,
//! `check` adds what only the whole graph shows, `emit` (with `schedule`) writes the code. Mistakes are collected, and
//! the next phase runs only on what is right. What broken input expands to is in `fallback`, what an editor gets to see in
//! `editor`.

mod attributes;
mod check;
mod cycles;
mod editor;
mod emit;
mod fallback;
mod forbidden;
mod lower;
mod macros;
mod model;
mod policies;
mod schedule;
mod syntax;
mod types;
mod uses;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, ItemFn, Signature, Visibility};

pub(crate) use self::types::{is_primitive, may_be_result, result_parts, tidy};
use crate::diagnostics::Diagnostics;
use crate::span::is_rust_analyzer;
use syntax::Form;

/// Expands `graph!`: the path of the crate in brackets, then any number of graphs.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    expand_for(is_rust_analyzer(), input)
}

fn expand_for(editor: bool, input: TokenStream) -> TokenStream {
    let (krate, input) = syntax::crate_path(input);
    let parts = syntax::split(input);
    let repeated = if editor { Vec::new() } else { syntax::repeated(&parts) };
    let graphs = parts.iter().enumerate().filter(|(i, _)| !repeated.iter().any(|(second, _)| second == i));
    let graphs: TokenStream = graphs.map(|(_, part)| one(part, Form::of(&krate), editor)).collect();
    let mut diagnostics = Diagnostics::default();
    for (_, name) in &repeated {
        diagnostics.error(
            name,
            format!("two graphs have the name `{name}`; give one of them another name, or put it into another module"),
        );
    }
    let errors = diagnostics.to_compile_errors();
    quote!(#graphs #errors)
}

/// Expands the attribute form.
pub(crate) fn expand_attribute(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let form = syntax::attribute_arguments(arguments, &mut diagnostics);
    if diagnostics.is_empty() {
        return one(item, form, is_rust_analyzer());
    }
    let errors = diagnostics.to_compile_errors();
    quote!(#item #errors)
}

/// The function of a graph, without its lines.
fn function(attrs: &[Attribute], vis: &Visibility, sig: &Signature) -> ItemFn {
    syn::parse_quote!(#(#attrs)* #vis #sig {})
}

fn one(tokens: &TokenStream, form: Form, editor: bool) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let krate = &form.krate.clone();
    let syntax = match syntax::parse(tokens.clone()) {
        Ok(syntax) => syntax,
        Err(broken) if editor => {
            let errors = broken.error.to_compile_error();
            return editor::expand(tokens, broken.head.as_deref(), &errors, krate);
        }
        Err(broken) => return fallback::broken(&broken, krate),
    };
    let head = syntax.signature();
    let graph = check::check(syntax, form, &mut diagnostics);
    if editor {
        editor::expand(tokens, Some(&head), &diagnostics.to_compile_errors(), krate)
    } else if diagnostics.is_empty() {
        let emitted = emit::emit(graph, &mut diagnostics);
        if diagnostics.is_empty() { emitted } else { fallback::refused(&diagnostics, &head, krate) }
    } else {
        fallback::refused(&diagnostics, &head, krate)
    }
}
