//! `key = |tenant| tenant.id`: what tells the calls of an operator apart. The names are those of its parameters,
//! and `this` for the receiver of a method.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Pat, Type, WherePredicate};

use super::said::listed;
use super::stack::Receives;
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// A key as an expression. Each name in it is a reference to an argument.
pub(super) fn key(
    key: &Expr,
    parameters: &[Parameter],
    receiver: Option<&Receives>,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    of_arguments("a key is made", key, parameters, receiver, diagnostics)
}

/// What a function or a closure makes of the arguments. `made` begins the message for a name that there is not.
pub(super) fn of_arguments(
    made: &str,
    key: &Expr,
    parameters: &[Parameter],
    receiver: Option<&Receives>,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    let arguments: Vec<&Parameter> = parameters.iter().filter(|p| p.is_passed()).collect();
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
            if let (Some(name), Some(Receives(this))) = (name.filter(|name| *name == "this"), receiver) {
                bound.extend(quote_spanned!(input.span()=> let #name = #this;));
                continue;
            }
            let receiver = receiver.map(|_| "this".to_owned());
            let names: Vec<String> =
                receiver.into_iter().chain(arguments.iter().map(|p| p.name.to_string())).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let there = if names.is_empty() {
                "it has none".to_owned()
            } else {
                format!("there are {}", listed(&names))
            };
            diagnostics.error(input, format!("{made} of the operator's arguments, by their names ({there})"));
            return None;
        };
        let (name, ty, value) = (name, &parameter.ty, lent(parameter));
        // An `impl Trait` has no name to be written.
        let ty = if super::fit::names_no_type(ty) { None } else { Some(reference(ty)) };
        let ty = ty.map(|ty| quote!(: #ty));
        bound.extend(quote_spanned!(input.span()=> let #name #ty = #value;));
    }
    let body = &closure.body;
    Some(quote_spanned!(body.span()=> { #bound #body }))
}

/// All arguments as the key of a cache: what is kept of them, and how an entry is looked up. Nothing is cloned for that.
pub(super) fn all(parameters: &[Parameter], rt: &TokenStream) -> (TokenStream, TokenStream) {
    let arguments: Vec<&Parameter> = parameters.iter().filter(|p| p.is_passed()).collect();
    let kept = arguments.iter().map(|p| {
        let ty = match &p.ty {
            Type::Reference(reference) => &reference.elem,
            ty => ty,
        };
        let (span, rt) = (ty.span(), shown_at(rt, at(ty.span())));
        quote_spanned!(span=> <#ty as #rt::KeyPart>::Owned)
    });
    let kept = quote!((#(#kept,)*));
    let lent = arguments.iter().map(|p| {
        let lent = lent(p);
        quote!(#rt::Asked(#lent))
    });
    (kept, quote!((#(#lent,)*)))
}

/// What the arguments must be for that, as bounds: so that what is missing is told once, at the argument. Where a type
/// cannot be written in a bound, it is told in other words.
pub(super) fn bounds(parameters: &[Parameter], rt: &TokenStream) -> Vec<WherePredicate> {
    let arguments = parameters.iter().filter(|p| p.is_passed() && !super::fit::elides(&p.ty));
    let bounds = arguments.map(|p| {
        let (ty, part) = match &p.ty {
            Type::Reference(reference) => (&*reference.elem, "KeyPart"),
            ty => (ty, "OwnedKeyPart"),
        };
        let (rt, part) = (shown_at(rt, at(ty.span())), Ident::new(part, at(ty.span())));
        syn::parse_quote_spanned!(ty.span()=> #ty: #rt::#part)
    });
    bounds.collect()
}

/// A reference to an argument; of one that is a reference, that.
pub(super) fn lent(parameter: &Parameter) -> TokenStream {
    let (name, span) = (&parameter.name, parameter.ty.span());
    match &parameter.ty {
        Type::Reference(_) => quote_spanned!(span=> &*#name),
        _ => quote_spanned!(span=> &#name),
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
