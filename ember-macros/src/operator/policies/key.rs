//! `key = |tenant| tenant.id`: what tells the calls of an operator apart. The names are those of its parameters.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Type};

use super::said::listed;
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;

/// A key as an expression. Each name in it is a reference to an argument.
pub(super) fn key(
    key: &Expr,
    parameters: &[Parameter],
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    let arguments: Vec<&Parameter> = parameters.iter().filter(|p| !p.context).collect();
    let Expr::Closure(closure) = key else {
        let lent = arguments.iter().map(|p| lent(p));
        return Some(quote_spanned!(key.span()=> #key(#(#lent),*)));
    };
    let mut bound = TokenStream::new();
    for input in &closure.inputs {
        let name = match input {
            Pat::Ident(pat) => Some(&pat.ident),
            _ => None,
        };
        let Some(parameter) = name.and_then(|name| arguments.iter().find(|p| p.name == *name)) else {
            let names: Vec<String> = arguments.iter().map(|p| p.name.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let there = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("there are {}", listed(&names))
            };
            diagnostics
                .error(input, format!("a key is made of the operator's arguments, by their names ({there})"));
            return None;
        };
        let (name, ty, value) = (name, &parameter.ty, lent(parameter));
        // An `impl Trait` has no name to be written.
        let ty = if super::fit::names_no_type(ty) { None } else { Some(reference(ty)) };
        let ty = ty.map(|ty| quote!(: #ty));
        bound.extend(quote_spanned!(input.span()=> let #name #ty = #value;));
    }
    let body = &closure.body;
    Some(quote!({ #bound #body }))
}

/// All arguments as a key: owned, so that it can outlive the call.
pub(super) fn all(parameters: &[Parameter], krate: &TokenStream) -> TokenStream {
    let owned = parameters.iter().filter(|p| !p.context).map(|p| {
        let (name, span) = (&p.name, p.ty.span());
        let rt = quote_spanned!(span=> #krate::__private);
        match &p.ty {
            Type::Reference(reference) if reference.mutability.is_none() => {
                quote_spanned!(span=> #rt::policy::key_part(::std::borrow::ToOwned::to_owned(#name)))
            }
            _ => quote_spanned!(span=> #rt::policy::key_part(::core::clone::Clone::clone(&#name))),
        }
    });
    quote!((#(#owned,)*))
}

/// A reference to an argument; of one that is a reference, that.
fn lent(parameter: &Parameter) -> TokenStream {
    let name = &parameter.name;
    match &parameter.ty {
        Type::Reference(_) => quote!(&*#name),
        _ => quote!(&#name),
    }
}

fn reference(ty: &Type) -> TokenStream {
    match ty {
        Type::Reference(reference) => {
            let ty = &reference.elem;
            quote!(&#ty)
        }
        ty => quote!(&#ty),
    }
}
