//! What is particular to `async` graphs, in both forms: nodes that wait, calls that other threads work on, and the future
//! around the body.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, ExprCall};

use super::super::model::{Graph, Step};
use super::{Names, operator, rt_at};

/// `future.await`, at a gate: a `Result`.
pub(super) fn waits(gate: &TokenStream, future: &TokenStream, mark: Span) -> TokenStream {
    let rt = rt_at(mark);
    quote_spanned!(mark=> #rt::wait(#gate, #future).await)
}

/// A call where it does not keep a thread of the runtime: a `Result`.
pub(super) fn computes(
    names: &Names,
    gate: &TokenStream,
    place: &TokenStream,
    call: &TokenStream,
    span: Span,
) -> TokenStream {
    let (rt, stage) = (rt_at(span), &names.stage);
    quote_spanned! {span=>
        #rt::compute(
            #gate,
            #stage.calls(),
            #place,
            { static LEARNED: #rt::Learned = #rt::Learned::NEW; &LEARNED },
            || #call,
        ).await
    }
}

/// Where an operator wants to run, which its type says.
pub(super) fn place(graph: &Graph, call: &ExprCall) -> TokenStream {
    let Expr::Path(func) = &*call.func else { return pool() };
    let mut path = func.path.clone();
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    let rt = rt_at(span);
    let node = operator(graph, &path);
    quote_spanned!(span=> #rt::place_of(&#node))
}

/// Where calls run whose operators have no type.
pub(super) fn pool() -> TokenStream {
    let rt = super::hidden("__rt");
    quote!(#rt::Place::Pool)
}

/// The call of an `async` operator, and further attempts if it is slow.
pub(super) fn hedged(graph: &Graph, step: &Step, call: &TokenStream) -> TokenStream {
    let Some(hedge) = &step.hedge else { return call.clone() };
    let super::super::model::Work::Operator(operator_call) = &step.work else { return call.clone() };
    let Expr::Path(func) = &*operator_call.func else { return call.clone() };
    let mut path = func.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    let span = hedge.span;
    let (rt, node) = (rt_at(span), operator(graph, &path));
    let (seconds, nanos) = (hedge.after.as_secs(), hedge.after.subsec_nanos());
    let at_most = &hedge.at_most;
    let run = Ident::new(if step.tries.is_empty() { "hedge" } else { "hedge_fallible" }, span);
    quote_spanned! {span=> {
        #rt::idempotent(&#node);
        #rt::#run(::core::time::Duration::new(#seconds, #nanos), #at_most, || #call)
    }}
}

/// Calls that run against each other, at a gate: a `Result` of a `Result` with all failures.
pub(super) fn race(gate: &TokenStream, calls: impl Iterator<Item = TokenStream>, span: Span) -> TokenStream {
    let rt = rt_at(span);
    let calls: Vec<TokenStream> = calls.collect();
    let names: Vec<Ident> =
        (0..calls.len()).map(|n| format_ident!("__branch{n}", span = Span::mixed_site())).collect();
    let count = calls.len();
    let index = 0..count;
    quote_spanned! {span=> {
        #(let mut #names = ::core::pin::pin!(#calls);)*
        #rt::race(#gate, #count, |__branch, __cx| match __branch {
            #(#index => #rt::contends(::core::future::Future::poll(#names.as_mut(), __cx)),)*
            _ => ::core::task::Poll::Pending,
        }).await
    }}
}

/// The forms of the body of an `async` graph.
pub(super) struct Forms {
    pub(super) straight: TokenStream,
    /// Nothing, if no part could run at the same time as another.
    pub(super) concurrent: Option<TokenStream>,
}

/// The body of the method that makes the future.
pub(super) fn body(
    graph: &Graph,
    names: &Names,
    forms: Forms,
    context: &TokenStream,
    checks: &TokenStream,
    lints: &TokenStream,
) -> TokenStream {
    let Names { rt, run, level, end, waiting, stage, .. } = names;
    let returned = super::returned(&graph.sig.output);
    let rebind = super::rebind(graph);
    let (loops, ever, held) = (graph.loops, graph.fails.ever(), graph.is_held());
    let attend = |body: TokenStream| {
        let early = if ever { quote!(#run.early(#end)) } else { quote!(#run.early_panic()) };
        if held {
            quote!(#rt::attend_held(#waiting, #stage, || #early, #body).await)
        } else {
            quote!(#rt::attend(#waiting, #body).await)
        }
    };
    let Forms { straight, concurrent } = forms;
    let (straight_type, value, panicked) = if ever {
        (quote!(#returned), quote!(__value), quote!(#end.panicked(__error)))
    } else {
        let value = quote!(match __value {
            ::core::result::Result::Ok(__value) => __value,
            ::core::result::Result::Err(__never) => match __never {},
        });
        (quote!(::core::result::Result<#returned, #rt::NoFailure>), value, quote!(__error.__resume()))
    };
    let straight = super::braced(quote!(#rebind #straight), graph.body.braces);
    let attended = attend(quote!(#rt::of_type::<#straight_type, _>(async move #straight)));
    let straight = quote! {{
        let __loops = [const { ::core::sync::atomic::AtomicUsize::new(0) }; #loops];
        let __serial = #rt::Serial::waiting(__info, __context, &__loops, #waiting);
        let #run = &__serial;
        let __outcome = #attended;
        match #run.ended(__outcome) {
            ::core::result::Result::Ok(__value) => #value,
            ::core::result::Result::Err(__error) => #panicked,
        }
    }};
    let forms = match concurrent {
        None => straight,
        Some(concurrent) => {
            let (stoppable, concluded) = if ever {
                (quote!(#end.stoppable()), quote!(__shared.conclude(#end)))
            } else {
                (quote!(false), quote!(__shared.conclude_panic().__resume()))
            };
            let concurrent = super::braced(quote!(#rebind #concurrent), graph.body.braces);
            let halting = quote!(::core::result::Result<#returned, #rt::Halted>);
            let attended = attend(quote!(#rt::of_type::<#halting, _>(async move #concurrent)));
            quote! {
                if #rt::in_order(__context) {
                    #straight
                } else {
                    #lints
                    {
                        let __shared = #rt::Shared::waiting(__info, __context, #stoppable, #waiting);
                        let __outcome = {
                            let #run = &__shared;
                            let __top = #run.level();
                            let #level = &__top;
                            let __outcome = #attended;
                            #run.ended(#level, __outcome)
                        };
                        match __outcome {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(#rt::Halted) => #concluded,
                        }
                    }
                }
            }
        }
    };
    let (launch, given, lent) = if held {
        let given = quote!(, #stage: ::std::sync::Arc<#rt::Stage<#returned>>);
        (quote!(#rt::held), given, quote!(let #stage = &#stage;))
    } else {
        (quote!(#rt::open), TokenStream::new(), TokenStream::new())
    };
    quote! {
        #launch(move |__context: #rt::Context #given| async move {
            let __context = &__context;
            #lent
            #context
            let __info = Self::__info();
            #checks
            let #waiting = &#rt::Waiting::new();
            #forms
        })
    }
}
