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

/// What `future.await` gives, where nothing runs and only the types are looked at.
pub(super) fn checked(future: &TokenStream, mark: Span) -> TokenStream {
    let rt = rt_at(mark);
    quote_spanned!(mark=> #rt::awaited(#future))
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

/// The future of a graph. `begun` is what stands before its body.
pub(super) fn future(
    graph: &Graph,
    names: &Names,
    concurrent: &TokenStream,
    begun: &TokenStream,
    lints: &TokenStream,
) -> TokenStream {
    let Names { rt, run, level, end, waiting, stage, .. } = names;
    let returned = super::returned(&graph.sig.output);
    let rebind = super::rebind(graph);
    let (early, stoppable, concluded) = if graph.fails.ever() {
        (quote!(#run.early(#end)), quote!(#end.stoppable()), quote!(__shared.conclude(#end)))
    } else {
        (quote!(#run.early_panic()), quote!(false), quote!(__shared.conclude_panic().__resume()))
    };
    let concurrent = super::braced(quote!(#rebind #concurrent), graph.body.braces);
    let halting = quote!(::core::result::Result<#returned, #rt::Halted>);
    let future = quote!(#rt::of_type::<#halting, _>(async move #concurrent));
    let (launch, given, lent, attended) = if graph.is_held() {
        (
            quote!(#rt::held),
            quote!(, #stage: ::std::sync::Arc<#rt::Stage<#returned>>),
            quote!(let #stage = &#stage;),
            quote!(#rt::attend_held(#waiting, #stage, || #early, #future)),
        )
    } else {
        (quote!(#rt::open), TokenStream::new(), TokenStream::new(), quote!(#rt::attend(#waiting, #future)))
    };
    quote! {
        #launch(move |__context: #rt::Context #given| async move {
            let __context = &__context;
            #lent
            #begun
            #lints
            {
                let #waiting = &#rt::Waiting::new();
                let __shared = #rt::Shared::waiting(__info, __context, #stoppable, #waiting);
                let __outcome = {
                    let #run = &__shared;
                    let __top = #run.level();
                    let #level: &#rt::Level<'_> = &__top;
                    let __outcome = #attended.await;
                    #run.ended(#level, __outcome)
                };
                match __outcome {
                    ::core::result::Result::Ok(__value) => __value,
                    ::core::result::Result::Err(#rt::Halted) => #concluded,
                }
            }
        })
    }
}
