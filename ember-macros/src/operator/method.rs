//! Policies of methods and associated functions.
//!
//! An `impl` block has no room for a type beside the function, and a graph cannot tell by its name which method is meant: so
//! there is no node to carry the policies. They stand around the body instead, and a method has them wherever it is called.
//! What it returns says so: the type that the node of a free operator gives.

mod lines;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::spanned::Spanned;
use syn::{FnArg, ItemFn, Pat, Receiver, ReceiverKind, ReturnType, Type, Visibility};

use super::node::policed;
use super::policies::{self, Layers, Policies, Receives, Stack};
use super::{Arguments, Parameter};
use crate::diagnostics::Diagnostics;
use crate::graph;
use crate::source;
use crate::span::{at, shown_at};

/// Notes what does not fit a method.
pub(super) fn check(
    function: &ItemFn,
    parameters: &[Parameter],
    said: &Arguments,
    diagnostics: &mut Diagnostics,
) {
    let policies = &said.policies;
    let receiver = function.sig.receiver();
    if let Some(refused) = policies.only_of_free_operators() {
        let message = format!(
            "`{refused}` needs an operator that is a function by itself, and not a method: write one that calls it"
        );
        diagnostics.error(refused, message);
        return;
    }
    if let Some(token) = &function.sig.constness {
        let message = "a method with policies cannot be `const`: it has a state, and asks for the time";
        diagnostics.error(token, message);
        return;
    }
    if let ReturnType::Type(_, ty) = &function.sig.output
        && policies::names_no_type(ty)
    {
        let message = "a method with policies returns a type with a name, and an `impl Trait` has none";
        diagnostics.error(ty, message);
        return;
    }
    if let (Some(receiver), Some(_)) = (receiver, &policies.retry)
        && !is_shared(receiver)
    {
        let message = "`retry` needs the receiver for each attempt: take `&self`";
        diagnostics.error(receiver, message);
    }
    if let (Some(_), Some(cache)) = (receiver, &policies.cache)
        && cache.key.is_none()
    {
        let message = "a cache goes by all arguments, and the receiver is none that can be compared; say what tells calls \
                       apart: `key = |this, question| (this.id, question.to_owned())`, where `this` is the receiver";
        diagnostics.push(syn::Error::new(cache.span, message));
        return;
    }
    policies.check(function, parameters, said.idempotent, diagnostics);
}

/// The method with its policies around its body.
pub(super) fn behind_policies(
    mut function: ItemFn,
    parameters: &[Parameter],
    said: &Arguments,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let Arguments { krate, policies, .. } = said;
    let rt = quote!(#krate::__private::policed);
    let asynchronous = function.sig.asyncness.is_some();
    let bound = bind(&mut function, parameters);
    let statements = &function.block.stmts;
    let returned = match &function.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    // The types of a body are those of a function: said here, no `?` and no `into()` in it has to guess.
    let plain = if asynchronous {
        quote!(#krate::__private::of_type::<#returned, _>(async move { #bound #(#statements)* }))
    } else {
        quote!((move || -> #returned { #bound #(#statements)* })())
    };
    let name = function.sig.ident.clone();
    let states = Ident::new("__Policies", at(name.span()));
    let receiver = function.sig.receiver().map(receives);
    let lent_by = source::is_inherent(&name).then_some(&name);
    let stack =
        Stack { policies, parameters, asynchronous, name: &name, states: &states, lent_by, receiver, krate };
    let of_value = policies.is_of_value(&function.sig.output);
    let layers = if of_value {
        let ReturnType::Type(_, written) = &function.sig.output else { return TokenStream::new() };
        stack.layers_of_value(&plain, Some(written), diagnostics)
    } else {
        let layers = stack.layers(&plain, &function.sig.output, diagnostics);
        function.sig.output = shown_policed(&function.sig.output, krate);
        layers
    };
    let over = policies::hidden("__over");
    let awaited = asynchronous.then(|| quote!(.await));
    let ItemFn { attrs, vis, sig, .. } = &function;
    if lent_by.is_some() {
        let lent = lines::lenders(&stack, attrs, vis);
        let method = if of_value || sig.receiver().is_none() {
            let Layers { lets, call } = layers;
            quote!(#(#attrs)* #vis #sig { let #over = #rt::Overrides::NONE; #lets #call #awaited })
        } else {
            lines::forwarding(&function, parameters, &stack, &layers)
        };
        return quote!(#method #lent);
    }
    let lent = stack.states(&Visibility::Inherited);
    let (lets, call) = (layers.lets, layers.call);
    quote! {
        #(#attrs)*
        #vis #sig {
            #[allow(dead_code, missing_docs, missing_debug_implementations)]
            struct #states;
            #[allow(dead_code, missing_docs, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
            impl #states { #lent }
            let #over = #rt::Overrides::NONE;
            #lets
            #call #awaited
        }
    }
}

pub(crate) use self::lines::on_a_line;

/// A method without policies, with what calls it behind those of a line.
pub(super) fn with_lines(function: &ItemFn, parameters: &[Parameter], krate: &TokenStream) -> TokenStream {
    lines::beside(function, parameters, krate).unwrap_or_default()
}

/// What a node gives, as it is read in documentation.
fn shown_policed(output: &ReturnType, krate: &TokenStream) -> ReturnType {
    let ReturnType::Type(arrow, ty) = output else { return output.clone() };
    let Some((value, error)) = graph::result_parts(ty) else { return policed(output, krate) };
    let krate = shown_at(krate, at(ty.span()));
    let shown = quote::quote_spanned!(ty.span()=> ::core::result::Result<#value, #krate::policy::PolicyError<#error>>);
    ReturnType::Type(*arrow, Box::new(Type::Verbatim(shown)))
}

/// Gives parameters names that can be passed on, and binds in the body what is written in their places.
fn bind(function: &mut ItemFn, parameters: &[Parameter]) -> TokenStream {
    let mut bound = TokenStream::new();
    let typed = function.sig.inputs.iter_mut().filter_map(|arg| match arg {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (typed, parameter) in typed.zip(parameters) {
        let (pat, name) = (&*typed.pat, &parameter.name);
        let is_name = matches!(pat, Pat::Ident(pat) if pat.mutability.is_none() && pat.by_ref.is_none()
            && pat.subpat.is_none() && pat.ident == *name);
        if !is_name {
            bound.extend(quote!(let #pat = #name;));
            *typed.pat = syn::parse_quote!(#name);
        }
    }
    bound
}

/// Whether a receiver is lent to whoever wants it.
fn is_shared(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.is_none(),
        ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(reference) if reference.mutability.is_none())
        }
        _ => false,
    }
}

/// How a key gets at the receiver.
fn receives(receiver: &Receiver) -> Receives {
    let this = &receiver.self_token;
    match &receiver.kind {
        ReceiverKind::Value => Receives(quote!(&#this)),
        _ => Receives(quote!(&*#this)),
    }
}

impl Policies {
    /// A policy that has no place on a method.
    fn only_of_free_operators(&self) -> Option<&Ident> {
        let operator = self
            .fallback
            .as_ref()
            .is_some_and(|fallback| matches!(fallback.with, policies::With::Operator(_)));
        let refused = |name: &Ident| name == "batch" || name == "isolate" || name == "fallback" && operator;
        self.said().iter().find(|name| refused(name))
    }
}
