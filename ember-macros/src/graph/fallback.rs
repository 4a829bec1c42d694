//! What a graph with mistakes expands to: the messages, and a stand-in of the right shape, so that the code that
//! calls the graph brings no messages of its own.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{ReturnType, Type, parse_quote};

use super::syntax::{Broken, Head};
use crate::diagnostics::Diagnostics;
use crate::operator::{parameters, plain_inputs};
use crate::span::is_rust_analyzer;

/// For tokens that are no graph.
pub(super) fn broken(broken: &Broken, tokens: &TokenStream, krate: &TokenStream) -> TokenStream {
    let errors = broken.error.to_compile_error();
    let stand_in = broken.head.as_ref().map(|head| stand_in(head, krate));
    let verbatim = verbatim(tokens);
    quote!(#errors #stand_in #verbatim)
}

/// For a graph that was understood and refused.
pub(super) fn refused(
    diagnostics: &Diagnostics,
    head: &Head,
    tokens: &TokenStream,
    krate: &TokenStream,
) -> TokenStream {
    let errors = diagnostics.to_compile_errors();
    let stand_in = stand_in(head, krate);
    let verbatim = verbatim(tokens);
    quote!(#errors #stand_in #verbatim)
}

/// The graph's lines as an ordinary function, seen by rust-analyzer alone: so it completes and finds definitions
/// inside a body that is half typed. The compiler would parse them even where `#[cfg]` takes them away, and complain
/// a second time.
fn verbatim(tokens: &TokenStream) -> TokenStream {
    if !is_rust_analyzer() {
        return TokenStream::new();
    }
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            mod __verbatim { use super::*; #tokens }
        };
    }
}

fn stand_in(head: &Head, krate: &TokenStream) -> TokenStream {
    let Head { attrs, vis, sig } = head;
    let mut sig = sig.clone();
    let mut ignored = Diagnostics::default();
    let parameters = parameters(&mut sig, &mut ignored);
    let name = &sig.ident;
    let docs = attrs.iter().filter(|attr| attr.path().is_ident("doc") || attr.path().is_ident("cfg"));
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let output = nameable(&sig.output);
    let asyncness = &sig.asyncness;
    let inputs = plain_inputs(&parameters);
    let node_inputs = parameters.iter().filter(|p| !p.context).map(crate::operator::Parameter::declaration);
    let call = Ident::new("call", name.span());
    let message = "this graph has mistakes";
    if sig.receiver().is_some() {
        // It stands in an `impl` block, which has no room for a type.
        return quote! {
            #[allow(unused_variables, dead_code)]
            #vis #asyncness fn #name #generics (#inputs) #output #where_clause { ::core::unreachable!(#message) }
        };
    }
    quote! {
        #(#docs)*
        #[allow(unused_variables, clippy::all, clippy::pedantic)]
        #vis #asyncness fn #name #generics (#inputs) #output #where_clause { ::core::unreachable!(#message) }

        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code)]
        #vis struct #name {}

        #[allow(dead_code, missing_docs, unused_variables, clippy::all, clippy::pedantic)]
        impl #name {
            #vis fn describe() -> &'static #krate::graph::Description<'static> { ::core::unreachable!(#message) }
            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> { ::core::option::Option::None }
            #[doc(hidden)]
            #vis #asyncness fn #call #generics (self, #(#node_inputs),*) #output #where_clause { ::core::unreachable!(#message) }
        }

        #[diagnostic::do_not_recommend]
        impl #krate::__private::Operator<Self> for #name {
            fn node(self) -> Self { self }
        }
    }
}

/// The return type, with a box for each `impl Trait`: the stand-in has no value whose type could be hidden.
fn nameable(output: &ReturnType) -> ReturnType {
    struct Boxed;
    impl VisitMut for Boxed {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            visit_mut::visit_type_mut(self, ty);
            if let Type::ImplTrait(hidden) = ty {
                let bounds = &hidden.bounds;
                *ty = parse_quote!(::std::boxed::Box<dyn #bounds>);
            }
        }
    }
    let mut output = output.clone();
    Boxed.visit_return_type_mut(&mut output);
    output
}
