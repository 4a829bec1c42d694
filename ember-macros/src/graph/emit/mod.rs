//! From a checked graph to code: the only room that quotes tokens for graphs.
//!
//! A graph becomes its function, a hidden type of the same name that carries it as a node, and in that type functions
//! for the two forms of the body: the straight line, which is the user's lines with the nodes' calls in place
//! (`serial`), and the tasks, cells and constant plans of a parallel run (`parallel`). The compiler checks both. A
//! mistake in types reads the same in both, so it is reported once; for mistakes in borrowing see `Captures`.

pub(super) mod batches;
mod calls;
mod describe;
mod lots;
mod parallel;
mod policed;
mod policies;
mod serial;
mod spans;
mod waiting;

pub(super) use serial::{contains_await, contains_try};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, ReturnType};

use self::calls::{Before, called, imports, operator, operator_call, plain_call, values_taken};
use self::spans::{braced, first_token, give_at, give_tail, rt_at, shown, split_at, value_at, whole};
use super::model::{Fails, Graph};
use crate::diagnostics::Diagnostics;
use crate::operator::{call_name, forwarded, plain_inputs, twin};

/// Names that generated code uses for itself; user code cannot see them.
pub(super) struct Names {
    pub(super) rt: Ident,
    pub(super) run: Ident,
    pub(super) level: Ident,
    pub(super) at: Ident,
    /// How the graph ends with an error.
    pub(super) end: Ident,
    /// Of `async` graphs: the calls that other threads work on.
    pub(super) stage: Ident,
}

impl Names {
    fn new() -> Self {
        Self {
            rt: hidden("__rt"),
            run: hidden("__run"),
            level: hidden("__level"),
            at: hidden("__at"),
            end: hidden("__end"),
            stage: hidden("__stage"),
        }
    }
}

/// A name that user code cannot see.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The same, shown at a token of the user.
pub(super) fn hidden_at(name: &str, span: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(span))
}

/// Emits a graph.
#[expect(clippy::too_many_lines, reason = "most of it is the quoted shape of the expansion")]
pub(super) fn emit(mut graph: Graph, diagnostics: &mut Diagnostics) -> TokenStream {
    let names = Names::new();
    let Names { rt, run, .. } = &names;
    let serial = serial::emit(&mut graph, &names);
    let (parallel, parts) = parallel::emit(&mut graph, &names);
    let has_parts = parts > 0;
    let info = describe::info(&graph, &names, has_parts);
    let picture = describe::picture(&graph);
    let of_lines = policies::of_lines(&graph, &policed::node(&graph));
    let checks = checks(&graph, &names);
    let (nothing, imports) = imports(&graph, &names);

    let Graph { attrs, vis, sig, parameters, options, loops, fails, .. } = &graph;
    let krate = &options.krate;
    let (name, node) = (&sig.ident, policed::node(&graph));
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let output = &sig.output;
    let returned = returned(output);
    let forwarded = forwarded(parameters);
    let plain_inputs = plain_inputs(parameters);
    // The node has no parameter for the context: it finds it.
    let mut inputs = Vec::new();
    let mut context = TokenStream::new();
    let mut scope = None;
    for (arg, parameter) in sig.inputs.iter().zip(parameters) {
        if parameter.is_context() {
            let syn::FnArg::Typed(syn::PatType { pat, ty, .. }) = arg else { continue };
            context = quote!(let #pat: #ty = __context;);
            scope = Some(&parameter.name);
        } else {
            let mut arg = arg.clone();
            // The parameters are bound anew inside, where `mut` matters.
            WithoutMut.visit_fn_arg_mut(&mut arg);
            inputs.push(arg);
        }
    }
    let call = call_name(graph.asynchronous, name.span());
    let end = &names.end;
    let rebind = rebind(&graph);
    let entry = match scope {
        None => quote!(#node {}.#call(#(#forwarded),*)),
        Some(context) => quote!(#krate::Context::scope(#context, move || #node {}.#call(#(#forwarded),*))),
    };
    let info_fn = Ident::new("__info", Span::call_site());
    let lints = quote! {
        #[allow(
            unused_braces, unused_parens, unused_mut, unused_variables, unused_assignments, unused_must_use,
            unreachable_code, dropping_references, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
        )]
    };
    let uses = quote! {
        #[allow(unused_imports)]
        use #krate::__private::{self as #rt, Collected as _, InPlace as _, NodeAsItIs as _, NodeIsSent as _, OfOperator as _, OfPolicies as _, Part as _, RaiseByBox as _, RaiseByFrom as _, RaiseByNode as _, RaiseNested as _, RaiseNestedPoliced as _, RaiseRefusedPoliced as _, RaiseSamePoliced as _, RaiseOpaque as _, RaiseRefused as _, EndAsResult as _, EndByPanic as _, RaiseSame as _, ReadCopy as _, ReadNever as _, SettleCopied as _, SettleOwned as _};
    };
    let serial = braced(quote!(#rebind #serial), graph.body.braces);
    let (serial, panicked, concluded, stoppable) = if fails.ever() {
        (
            quote!(#run.run(move || -> #returned #serial)),
            quote!(#end.panicked(__error)),
            quote!(__shared.conclude(#end)),
            quote!(#rt::stoppable::<#returned, _>(#end)),
        )
    } else {
        (
            quote!(#run.run(move || -> ::core::result::Result<#returned, #rt::NoFailure> #serial)
            .map(|__outcome| match __outcome {
                ::core::result::Result::Ok(__value) => __value,
                ::core::result::Result::Err(__never) => match __never {},
            })),
            quote!(__error.__resume()),
            quote!(__shared.conclude_panic().__resume()),
            quote!(false),
        )
    };
    let straight = quote! {{
        let __loops = [const { ::core::cell::Cell::new(0usize) }; #loops];
        let __serial = #rt::Serial::new(__info, __context, &__loops);
        let #run = &__serial;
        match #serial {
            ::core::result::Result::Ok(__value) => __value,
            ::core::result::Result::Err(__error) => #panicked,
        }
    }};
    let explain = Ident::new(if graph.asynchronous { "explain_async" } else { "explain" }, Span::call_site());
    // What the compiler finds in the straight line it shall not find again in the other form.
    let is_checked = has_parts || graph.asynchronous;
    // Most runs are of graphs whose context has nothing to say: for these there is a straight line that does not ask it.
    let large = serial::is_large(&graph);
    let quiet = !graph.asynchronous && scope.is_none() && !large;
    let apart = (is_checked || quiet) && inputs.iter().all(|arg| plain_name(arg).is_some());
    let quiet = quiet && apart;
    // Of what is inlined there is a copy in each unit of code from which it is called.
    let inline = if large { quote!(#[inline(never)]) } else { quote!(#[inline]) };
    let straight = if large && !apart { quote!(#rt::apart(move || #straight)) } else { straight };
    let names_of_inputs: Vec<Ident> = inputs.iter().filter_map(plain_name).cloned().collect();
    let inputs = quote!(#(#inputs),*);
    let twin = twin(&call, &quote!(Self), vis, &sig.generics, &inputs, &sig.output, krate);
    let begun = quote! {
        #checks
        #context
        let __info = Self::#info_fn();
    };
    let (owned, taken) = if graph.is_held() { owned(&graph) } else { Default::default() };
    let straight_call = |context: TokenStream| {
        let call = quote!(Self {}.__straight(#context, #(#names_of_inputs),*));
        if is_checked {
            quote!({ let (__value, __checked) = #call; #rt::checked(__checked); __value })
        } else {
            call
        }
    };
    let (straight_line, straight) = if apart {
        let mut generics = sig.generics.clone();
        // Where there is no other form, nothing waits for this one to be checked.
        if is_checked {
            generics.params.insert(0, syn::parse_quote!('__once));
        }
        let (generics, _, where_clause) = generics.split_for_impl();
        let (asked, around) = if scope.is_some() {
            (quote!(::core::ops::Deref<Target = #krate::Context>), quote!(let __context = &*__context;))
        } else {
            (quote!(#krate::__private::Around), TokenStream::new())
        };
        let (gives, given) = if is_checked {
            let gives =
                quote!(-> (#returned, impl ::core::marker::Sized + #krate::__private::Captures<'__once>));
            (gives, quote!(let __value = #straight; (__value, ())))
        } else {
            (output.to_token_stream(), straight)
        };
        let line = Ident::new("__straight", name.span());
        let line = quote! {
            #[doc(hidden)]
            #[allow(unused_parens, unused_lifetimes, single_use_lifetimes, elided_named_lifetimes, mismatched_lifetime_syntaxes)]
            #inline
            fn #line #generics (self, __context: impl #asked, #inputs) #gives #where_clause {
                #uses
                #nothing
                {
                #imports
                #around
                #begun
                #owned
                #given
                }
            }
        };
        (line, straight_call(quote!(__context)))
    } else {
        (TokenStream::new(), straight)
    };
    let (output, named, body) = if graph.asynchronous {
        let checked = if apart { TokenStream::new() } else { quote!(#begun #owned) };
        let future = waiting::future(&graph, &names, &parallel.unwrap_or_default(), &begun, &lints);
        // The straight line never runs: it is there for what the compiler says about it.
        let body = quote! {
            if #rt::CHECKED_ONLY {
                let __context = &#rt::Context::current();
                #checked
                let __value = #straight;
                #rt::never_run(__value);
            }
            #taken
            #future
        };
        let output = quote!(impl ::core::future::Future<Output = #returned>);
        // By its name a graph around knows what it is.
        let named = if graph.is_held() { output.clone() } else { quote!(#krate::__private::Open<#output>) };
        (quote!(-> #output), quote!(-> #named), body)
    } else {
        // Where nothing can run beside anything else, there is one way to run.
        let body = parallel.map_or(straight.clone(), |parallel| {
            quote! {
                let __start = #rt::start(__context, __info);
                let #rt::Start::Parallel(__way, __watch) = __start else {
                    let __value = #straight;
                    __start.ended(__info);
                    return __value;
                };
                #lints
                #rt::apart(move || {
                    let __shared = #rt::Shared::new(__info, __context, #stoppable, __way, __watch);
                    let __outcome = {
                        let #run = &__shared;
                        #parallel
                    };
                    match __outcome {
                        ::core::result::Result::Ok(__value) => __value,
                        ::core::result::Result::Err(#rt::Halted) => #concluded,
                    }
                })
            }
        });
        let body = quote! {
            #rt::Context::__with(move |__context| {
                #context
                let __info = Self::#info_fn();
                #body
            })
        };
        let body = if quiet {
            let asks = if has_parts {
                quote!(#rt::is_plain(Self::#info_fn(), #stoppable))
            } else {
                quote!(#rt::is_plain_line(#stoppable))
            };
            let straight = straight_call(quote!(#rt::Quiet));
            quote! {
                if #asks { #straight } else { #rt::apart(move || #body) }
            }
        } else {
            body
        };
        let body = quote!(#checks #body);
        (output.to_token_stream(), output.to_token_stream(), body)
    };
    // What is inlined is made where it stays: else the stack that a first poll takes grows with the square of the depth.
    let says = attrs.iter().any(|attr| attr.path().is_ident("inline"));
    let inlined = if graph.asynchronous && !graph.is_held() && !says {
        quote!(#[cfg_attr(not(debug_assertions), inline(always))])
    } else {
        TokenStream::new()
    };
    let item_attrs: Vec<_> = attrs.iter().filter(|a| a.path().is_ident("cfg")).collect();
    let is_result = matches!(fails, Fails::Must | Fails::Bounded);
    let straight = apart && has_parts && !graph.asynchronous;
    let quiet = quiet.then_some(if fails.ever() { quote!(true) } else { quote!(false) });
    let of = batches::Of {
        vis,
        sig,
        parameters,
        node: &node,
        cfgs: &item_attrs,
        is_result,
        straight,
        quiet,
        krate,
    };
    let batches::Batches { functions: many, outside: of_many } = batches::emit(&of);
    let (own_many, behind) = if options.policies.is_said() {
        (TokenStream::new(), policed::behind(&graph, &many, diagnostics))
    } else {
        (many, TokenStream::new())
    };
    quote! {
        #(#attrs)*
        #[doc = ""]
        #picture
        #inlined
        #vis fn #name #generics (#plain_inputs) #output #where_clause {
            #entry
        }

        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
        #(#item_attrs)*
        #vis struct #node {}

        #[allow(dead_code, missing_docs, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        #(#item_attrs)*
        impl #node {
            /// The graph as constant data: its nodes, its edges, and the pictures of them.
            #[must_use]
            #vis fn describe() -> &'static #krate::graph::Description<'static> {
                &Self::#info_fn().description
            }

            /// The graph with what its runs have cost, and the way that the next one would take.
            #[must_use]
            #vis fn explain() -> #krate::Explanation {
                #krate::__private::#explain(Self::#info_fn(), #has_parts)
            }

            #own_many

            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> {
                ::core::option::Option::Some(Self::describe())
            }

            #[doc(hidden)]
            fn #info_fn() -> &'static #krate::__private::Info {
                use #krate::__private as #rt;
                #nothing
                {
                    #imports
                    #info
                    &INFO
                }
            }

            #of_lines

            #straight_line

            #[doc(hidden)]
            #[allow(unused_parens)]
            #inlined
            #vis fn #call #generics (self, #inputs) #named #where_clause {
                #uses
                #nothing
                {
                #imports
                #body
                }
            }

            #twin
        }

        #of_many

        #behind

        #[automatically_derived]
        #(#item_attrs)*
        impl #krate::__private::Placed for #node {
            const PLACE: #krate::__private::Place = #krate::__private::Place::Pool;
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        #(#item_attrs)*
        impl #krate::__private::Operator<Self> for #node {
            fn node(self) -> Self { self }
        }
    }
}

/// The name that a parameter is, if it is one, which can be given on.
fn plain_name(arg: &syn::FnArg) -> Option<&Ident> {
    let syn::FnArg::Typed(typed) = arg else { return None };
    let syn::Pat::Ident(pat) = &*typed.pat else { return None };
    (pat.by_ref.is_none() && pat.subpat.is_none()).then_some(&pat.ident)
}

/// Checks that stand before the body, at the user's own tokens.
fn checks(graph: &Graph, names: &Names) -> TokenStream {
    let end = &names.end;
    let output = &graph.sig.output;
    let whole = returned(output);
    let named = match output {
        ReturnType::Type(_, ty) => super::types::error_type(ty),
        ReturnType::Default => None,
    };
    let span = named.map_or(output.span(), Spanned::span);
    let (rt, span) = (rt_at(span), span);
    match (&graph.fails, named) {
        (Fails::Never, _) => TokenStream::new(),
        (_, Some(error)) => {
            let asked = quote_spanned!(span=> #rt::graph_error::<#error>());
            quote!(let #end = &#rt::ending(#asked);)
        }
        (Fails::Must, None) => quote_spanned!(span=> let #end = &#rt::failing::<#whole, _>();),
        (Fails::Bounded, None) => quote_spanned!(span=> let #end = &#rt::bounded::<#whole, _>();),
        (Fails::Maybe, None) => quote_spanned!(span=> let #end = &(&&#rt::End::<#whole>::new()).ending();),
    }
}

/// What is asked of the parameters of a graph that owns its values, at each of them.
///
/// The first is for the straight line: whether a type hides a lifetime (`view: View`). What is written as borrowed has been
/// refused, and of type parameters the compiler speaks itself. The second is for the future: whether the values can be
/// owned there.
fn owned(graph: &Graph) -> (TokenStream, TokenStream) {
    let context = graph.parameters.iter().position(crate::operator::Parameter::is_context);
    let context = context.and_then(|i| u32::try_from(i).ok());
    let (mut owned, mut taken) = (TokenStream::new(), TokenStream::new());
    for var in graph.vars.iter().filter(|var| var.input.is_some() && var.input != context) {
        let (ident, span) = (&var.ident, var.ident.span());
        let rt = rt_at(span);
        if !var.generic && !var.copy {
            owned.extend(quote_spanned!(span=> #rt::owned(&#ident);));
        }
        if !var.copy {
            let keep = Ident::new(if var.generic { "generic_parameter" } else { "parameter" }, span);
            taken.extend(quote_spanned!(span=> let #ident = #rt::#keep(#ident);));
        }
    }
    (owned, taken)
}

/// The type that a graph returns.
fn returned(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// Binds the parameters anew inside a closure, so that the compiler speaks of them by name.
fn rebind(graph: &Graph) -> TokenStream {
    let bound = graph.vars.iter().filter(|var| var.input.is_some());
    bound
        .map(|var| {
            let (ident, mutable) = (&var.ident, var.mutable.then(|| quote!(mut)));
            quote_spanned!(ident.span()=> let #mutable #ident = #ident;)
        })
        .collect()
}

/// Takes `mut` off the names in a pattern.
struct WithoutMut;

impl VisitMut for WithoutMut {
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        if pat.by_ref.is_none() {
            pat.mutability = None;
        }
        syn::visit_mut::visit_pat_ident_mut(self, pat);
    }
}

/// How many items of a `for`, or attempts of a line, may be under way.
fn most_at_once(most: &Expr) -> TokenStream {
    quote_spanned!(most.span()=> { let __most: ::core::primitive::usize = #most; __most })
}

/// What a `for` goes through.
struct Items {
    name: Ident,
    bind: TokenStream,
    /// What the items are taken from.
    given: TokenStream,
}

/// What a `for` goes through: both forms ask for it at the same tokens.
fn items(iter: &Expr) -> Items {
    let first = iter.span();
    let name = Ident::new("__items", first);
    let bind = quote_spanned!(first=> let #name = ::core::iter::IntoIterator::into_iter(#iter););
    let given = give_at("same", &name, first, super::lower::last_token(iter));
    Items { name, bind, given }
}

impl Items {
    /// Room for as many results as there will be items at least, shown at the `for`.
    fn room(&self, span: Span) -> TokenStream {
        let name = Ident::new("__items", self.name.span().located_at(span));
        quote_spanned!(span=> ::std::vec::Vec::with_capacity(::core::iter::Iterator::size_hint(&#name).0))
    }
}

/// The name for the bound of a loop, and its binding.
fn most(at_most: &Expr) -> (Ident, TokenStream) {
    let most = hidden_at("__most", at_most.span());
    let bind = quote_spanned!(at_most.span()=> let #most: ::core::primitive::usize = #at_most;);
    (most, bind)
}

/// The parts of `expr?`: the value or failure, what becomes of the failure, and the name that it has meanwhile.
fn tried(
    names: &Names,
    expr: &TokenStream,
    mark: Span,
    sink: &TokenStream,
) -> (TokenStream, TokenStream, Ident) {
    let failure = hidden("__failure");
    let end = &names.end;
    let raise = Ident::new("raise", mark);
    let split = split_at(expr, mark);
    let way = quote!((&&#end.way(&#failure)).way());
    let raised = quote_spanned!(mark=> (&&&&&&&#way).#raise(#failure, #sink));
    (split, raised, failure)
}
