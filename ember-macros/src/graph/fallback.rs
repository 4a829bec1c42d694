//! What a graph with mistakes expands to: the messages, and a stand-in of the right shape, so that the code that
//! calls the graph brings no messages of its own.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{ReturnType, Type, parse_quote};

use super::emit::batches::{self, Batches, Of};
use super::syntax::{Broken, Head};
use crate::diagnostics::Diagnostics;
use crate::operator::{Parameter, call_name, parameters, plain_inputs, twin};
use crate::span::at;

/// For tokens that are no graph.
pub(super) fn broken(broken: &Broken, krate: &TokenStream) -> TokenStream {
    let errors = broken.error.to_compile_error();
    let stand_in = broken.head.as_ref().map(|head| stand_in(head, krate));
    quote!(#errors #stand_in)
}

/// For a graph that was understood and refused.
pub(super) fn refused(diagnostics: &Diagnostics, head: &Head, krate: &TokenStream) -> TokenStream {
    let errors = diagnostics.to_compile_errors();
    let stand_in = stand_in(head, krate);
    quote!(#errors #stand_in)
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
    let node = node(head, krate);
    quote! {
        #(#docs)*
        #[allow(unused_variables, dead_code, clippy::all, clippy::pedantic)]
        #vis #asyncness fn #name #generics (#inputs) #output #where_clause { ::core::unreachable!(#MESSAGE) }

        #node
    }
}

/// The hidden type of a graph that never runs, unless the graph stands in an `impl` block, which has no room for a type.
pub(super) fn node(head: &Head, krate: &TokenStream) -> TokenStream {
    let Head { attrs, vis, sig } = head;
    let mut sig = sig.clone();
    if sig.receiver().is_some() {
        return TokenStream::new();
    }
    let parameters = parameters(&mut sig, &mut Diagnostics::default());
    let name = &sig.ident;
    let cfgs: Vec<_> = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let output = nameable(&sig.output);
    let asyncness = &sig.asyncness;
    let inputs = parameters.iter().filter(|p| p.is_passed()).map(Parameter::declaration);
    let call = call_name(asyncness.is_some(), at(name.span()));
    let inputs = quote!(#(#inputs),*);
    let twin = twin(&call, &quote!(Self), vis, &sig.generics, &inputs, &sig.output, krate);
    let mut ty = name.clone();
    ty.set_span(call.span());
    let is_result = super::types::returns_result(&sig.output);
    let of = Of {
        vis,
        sig: &sig,
        parameters: &parameters,
        node: name,
        cfgs: &cfgs,
        is_result,
        straight: false,
        quiet: None,
        krate,
    };
    let Batches { functions: many, outside: of_many } = batches::emit(&of);
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code)]
        #vis struct #name {}

        #(#cfgs)*
        #[allow(dead_code, missing_docs, unused_variables, clippy::all, clippy::pedantic)]
        impl #ty {
            /// The graph as constant data: its nodes, its edges, and the pictures of them.
            #vis fn describe() -> &'static #krate::graph::Description<'static> { ::core::unreachable!(#MESSAGE) }
            /// The graph with what its runs have cost, and the way that the next one would take.
            #vis fn explain() -> #krate::Explanation { ::core::unreachable!(#MESSAGE) }
            #many
            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> { ::core::option::Option::None }
            #[doc(hidden)]
            #vis #asyncness fn #call #generics (self, #inputs) #output #where_clause { ::core::unreachable!(#MESSAGE) }

            #twin
        }

        #of_many

        #(#cfgs)*
        impl #krate::__private::Placed for #ty {
            const PLACE: #krate::__private::Place = #krate::__private::Place::Pool;
        }

        #(#cfgs)*
        #[diagnostic::do_not_recommend]
        impl #krate::__private::Operator<Self> for #ty {
            fn node(self) -> Self { self }
        }
    }
}

const MESSAGE: &str = "this graph has mistakes";

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
