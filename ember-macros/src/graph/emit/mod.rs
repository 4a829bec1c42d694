//! From a checked graph to code: the only room that quotes tokens for graphs.
//!
//! A graph becomes its function, a hidden type of the same name that carries it as a node, and in that type one
//! function with two forms of the body: the straight line, which is the user's lines with the nodes' calls in place
//! (`serial`), and the tasks, cells and constant plans of a parallel run (`parallel`). The compiler checks both; a
//! mistake in the user's own tokens reads the same in both, so it is reported once.

mod describe;
mod parallel;
mod serial;

pub(super) use serial::contains_try;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Path, PathArguments, ReturnType};

use super::model::Graph;
use crate::operator::{forwarded, plain_inputs};
use crate::span::at;

/// Names that generated code uses for itself; user code cannot see them.
pub(super) struct Names {
    pub(super) rt: Ident,
    pub(super) run: Ident,
    pub(super) level: Ident,
    pub(super) at: Ident,
}

impl Names {
    fn new() -> Self {
        Self { rt: hidden("__rt"), run: hidden("__run"), level: hidden("__level"), at: hidden("__at") }
    }
}

/// A name that user code cannot see.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, shown at a token of the user.
pub(super) fn hidden_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(at(span)))
}

/// Emits a graph.
pub(super) fn emit(mut graph: Graph) -> TokenStream {
    let names = Names::new();
    let Names { rt, run, .. } = &names;
    let serial = serial::emit(&mut graph, &names);
    let parallel = parallel::emit(&mut graph, &names);
    let info = describe::info(&graph, &names);
    let picture = describe::picture(&graph);
    let checks = checks(&graph, &names);

    let Graph { attrs, vis, sig, parameters, options, loops, fails, .. } = &graph;
    let krate = &options.krate;
    let name = &sig.ident;
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let output = &sig.output;
    let returned = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let forwarded = forwarded(parameters);
    let plain_inputs = plain_inputs(parameters);
    // The node has no parameter for the context: it finds it.
    let mut inputs = Vec::new();
    let mut context = TokenStream::new();
    let mut scope = None;
    for (arg, parameter) in sig.inputs.iter().zip(parameters) {
        if parameter.context {
            let syn::FnArg::Typed(syn::PatType { pat, ty, .. }) = arg else { continue };
            context = quote!(let #pat: #ty = __context;);
            scope = Some(&parameter.name);
        } else {
            inputs.push(arg);
        }
    }
    let call = Ident::new("__call", name.span());
    let finish = if *fails {
        quote!(<#returned as #rt::Failing>::failed)
    } else {
        quote!((&&#rt::Conclude::<#returned>::new()).conclude)
    };
    let error = if *fails { quote!(<#returned as #rt::Failing>::Error) } else { quote!(#rt::NoFailure) };
    let panicked = if *fails {
        quote!(<#returned as #rt::Failing>::failed(::core::convert::From::from(__error)))
    } else {
        quote!(#finish(__error))
    };
    let concluded =
        if *fails { quote!(#finish(#run.conclude())) } else { quote!(#finish(#run.conclude_panic())) };
    let entry = match scope {
        None => quote!(#name {}.#call(#(#forwarded),*)),
        Some(context) => quote!(#krate::Context::scope(#context, move || #name {}.#call(#(#forwarded),*))),
    };
    let info_fn = Ident::new("__info", Span::call_site());
    let lints = quote! {
        #[allow(
            unused_braces, unused_parens, unused_mut, unused_variables, unused_assignments, unused_must_use,
            unreachable_code, dropping_references, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
        )]
    };
    let item_attrs: Vec<_> = attrs.iter().filter(|a| a.path().is_ident("cfg")).collect();
    quote! {
        #(#attrs)*
        #[doc = ""]
        #picture
        #vis fn #name #generics (#plain_inputs) #output #where_clause {
            #entry
        }

        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
        #(#item_attrs)*
        #vis struct #name {}

        #[allow(dead_code, missing_docs, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        #(#item_attrs)*
        impl #name {
            /// The graph as constant data: its nodes, its edges, and the pictures of them.
            #[must_use]
            #vis fn describe() -> &'static #krate::graph::Description<'static> {
                &Self::#info_fn().description
            }

            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> {
                ::core::option::Option::Some(Self::describe())
            }

            #[doc(hidden)]
            fn #info_fn() -> &'static #krate::__private::Info {
                use #krate::__private as #rt;
                #info
                &INFO
            }

            #[doc(hidden)]
            #[allow(unused_parens)]
            #vis fn #call #generics (self, #(#inputs),*) #output #where_clause {
                #[allow(unused_imports)]
                use #krate::__private::{self as #rt, ConcludeByError as _, ConcludeByPanic as _, RaiseByBox as _, RaiseByNode as _, RaiseRefused as _, RaiseSame as _, ReadCopy as _, ReadNever as _};
                #checks
                #rt::Context::__with(move |__context| {
                    #context
                    if #rt::is_serial(__context) {
                        let __loops = [const { ::core::cell::Cell::new(0usize) }; #loops];
                        let __serial = #rt::Serial::new(Self::#info_fn(), __context, &__loops);
                        let #run = &__serial;
                        return match #run.run(move || -> #returned { #serial }) {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__error) => #panicked,
                        };
                    }
                    #lints
                    {
                        let __shared = #rt::Shared::<#error>::new(Self::#info_fn(), __context, #fails);
                        let __outcome = {
                            let #run = &__shared;
                            #parallel
                        };
                        match __outcome {
                            ::core::option::Option::Some(__value) => __value,
                            ::core::option::Option::None => { let #run = __shared; #concluded }
                        }
                    }
                })
            }
        }

        #[automatically_derived]
        #(#item_attrs)*
        impl #krate::__private::Operator for #name {
            type Node = Self;
            fn node(self) -> Self { self }
        }
    }
}

/// Checks that stand before the body, at the user's own tokens.
fn checks(graph: &Graph, names: &Names) -> TokenStream {
    let rt = &names.rt;
    let mut checks = imports(graph, names);
    if graph.fails
        && let ReturnType::Type(_, ty) = &graph.sig.output
        && let Some(error) = super::types::error_type(ty)
    {
        let span = at(error.span());
        let check = Ident::new("graph_error", span);
        checks.extend(quote_spanned!(span=> #rt::#check::<#error>();));
    }
    checks
}

/// Brings operators into scope under names of generated code's own.
///
/// The import fetches whatever the path means; the hidden type only comes with it if the path names an operator.
/// Otherwise the name means a type of [`not_operators`] instead, which is not an operator and says so.
fn imports(graph: &Graph, names: &Names) -> TokenStream {
    let rt = &names.rt;
    let mut imports = TokenStream::new();
    for (alias, path) in &graph.aliases {
        let span = at(path.segments.last().map_or_else(Span::call_site, |s| s.ident.span()));
        imports.extend(quote_spanned!(span=> #[allow(unused_imports)] use #path as #alias;));
    }
    if !imports.is_empty() {
        imports.extend(quote!(#[allow(unused_imports)] use #rt::not_operators::*;));
    }
    imports
}

/// The value that carries an operator, at the user's own token.
fn operator(graph: &Graph, names: &Names, path: &Path) -> TokenStream {
    let span = at(path.segments.last().map_or_else(Span::call_site, |last| last.ident.span()));
    match graph.alias_of(path) {
        None => quote_spanned!(span=> (#path {})),
        Some(alias) => {
            let alias = Ident::new(&alias.to_string(), alias.span().located_at(span));
            let rt = &names.rt;
            quote_spanned!(span=> #rt::operator(#alias {}))
        }
    }
}

/// The call of an operator, on its hidden type, with the user's own spans.
pub(super) fn operator_call(graph: &Graph, names: &Names, call: &ExprCall) -> TokenStream {
    let Expr::Path(func) = &*call.func else { return call.to_token_stream() };
    let mut path = func.path.clone();
    let arguments = path
        .segments
        .last_mut()
        .map(|last| std::mem::replace(&mut last.arguments, PathArguments::None))
        .unwrap_or(PathArguments::None);
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let turbofish = match arguments {
        PathArguments::None => TokenStream::new(),
        arguments => {
            let tokens = arguments.to_token_stream();
            let text = tokens.to_string();
            if text.starts_with("::") { tokens } else { quote!(::#tokens) }
        }
    };
    let method = Ident::new("__call", span);
    let mut arguments =
        proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, call.args.to_token_stream());
    arguments.set_span(call.paren_token.span.join());
    let node = operator(graph, names, &path);
    quote_spanned!(at(span)=> #node.#method #turbofish #arguments)
}
