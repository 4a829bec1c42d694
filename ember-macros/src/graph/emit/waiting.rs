//! What is particular to `async` graphs, in both forms: nodes that wait, calls that other threads work on, and the future
//! around the body.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall};

use super::super::model::{Graph, Step};
use super::{Names, operator, rt_at};

/// `future.await`, at a gate: a `Result`.
pub(super) fn waits(gate: &TokenStream, future: &TokenStream, mark: Span) -> TokenStream {
    let rt = rt_at(mark);
    quote_spanned!(mark=> #rt::wait(#gate, #future).await)
}

/// The future of a call of an operator, which may be a graph.
pub(super) fn inside(future: &TokenStream, mark: Span) -> TokenStream {
    let rt = rt_at(mark);
    let inside = super::hidden_at("__inside", mark);
    // The name is gone while it waits: what is bound then is looked into as it is.
    quote_spanned!(mark=> match #future { #inside => (&&#rt::inside(&#inside)).kept(#inside) })
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
    let name = path.segments.last().map_or(span, |last| last.ident.span());
    let said = rt_at(name);
    let said = quote_spanned!(name=> #said::idempotent(&#node));
    // What is used for each attempt stays where it is.
    let again = super::values_taken(graph, operator_call).into_iter().map(|place| {
        let (span, rt) = (place.span(), rt_at(place.span()));
        quote_spanned!(span=> #rt::again(&#place);)
    });
    let (slow_after, at_most) = (super::policies::slow_after(step), super::most_at_once(&hedge.at_most));
    let run = Ident::new(if step.tries.is_empty() { "hedge" } else { "hedge_fallible" }, span);
    quote_spanned! {span=> {
        #rt::timed();
        #said;
        #(#again)*
        #rt::#run(Self::#slow_after(), #at_most, || #call)
    }}
}

/// Calls that run against each other, at a gate: a `Result` of a `Result` with all failures.
pub(super) fn race(
    gate: &TokenStream,
    calls: impl Iterator<Item = TokenStream>,
    branches: &[Expr],
    span: Span,
) -> TokenStream {
    let rt = rt_at(span);
    let calls: Vec<TokenStream> = calls.collect();
    // As if the user had written them: what is wrong with a branch is said once, at its first token.
    let name = |(n, branch): (usize, &Expr)| Ident::new(&format!("__branch{n}"), branch.span());
    let names: Vec<Ident> = branches.iter().enumerate().map(name).collect();
    let count = calls.len();
    let index = 0..count;
    let first = &names[0];
    let cx = super::hidden("__cx");
    let at = branches[0].span();
    let door = rt_at(at);
    let field = field(at, &branch(branches, 0, &quote_spanned!(at=> #door::unasked(&#first))));
    let calls = calls.iter().zip(branches).map(|(call, branch)| {
        let (span, rt) = (branch.span(), rt_at(branch.span()));
        quote_spanned!(span=> #rt::contender(#call))
    });
    let polled = names.iter().enumerate().map(|(n, name)| {
        branch(
            branches,
            n,
            &quote_spanned!(branches[n].span()=> ::core::future::Future::poll(#name.as_mut(), #cx)),
        )
    });
    quote_spanned! {span=> {
        #(let mut #names = ::core::pin::pin!(#calls);)*
        #field
        #rt::race(#gate, #count, |__branch, #cx| match __branch {
            #(#index => #polled,)*
            _ => ::core::task::Poll::Pending,
        }).await
    }}
}

/// The same where nothing runs: a `Result` of the first failure.
pub(super) fn race_checked(calls: impl Iterator<Item = TokenStream>, branches: &[Expr]) -> TokenStream {
    let rt = super::hidden("__rt");
    let asked: Vec<TokenStream> = calls
        .enumerate()
        .map(|(n, call)| {
            let value = checked(&call, branches[n].span());
            let span = branches[n].span();
            branch(branches, n, &quote_spanned!(span=> ::core::task::Poll::Ready(#value)))
        })
        .collect();
    let (first, others) = (&asked[0], &asked[1..]);
    let at = super::hidden("__first");
    let field = field(branches[0].span(), &quote!(#at));
    quote!({
        let #at = #first;
        #field
        #rt::winner([#at, #(#others),*])
    })
}

/// How far a branch is, asked with the same words at the same tokens in both forms.
fn branch(branches: &[Expr], n: usize, polled: &TokenStream) -> TokenStream {
    let span = branches[n].span();
    let rt = rt_at(span);
    if n == 0 {
        return quote_spanned!(span=> #rt::contends(#polled));
    }
    let field = super::hidden_at("__field", span);
    quote_spanned!(span=> #rt::rivals(#field, #polled))
}

/// Notes what the first branch yields.
fn field(span: Span, first: &TokenStream) -> TokenStream {
    let (rt, field) = (rt_at(span), super::hidden_at("__field", span));
    quote_spanned!(span=> let #field = #rt::field(&#first);)
}

/// The first type parameter that may borrow. What the compiler says of a graph with calls that other threads work on, which
/// must own its values, it says there.
fn may_borrow(graph: &Graph) -> Option<&syn::TypeParam> {
    let owns = |bound: &syn::TypeParamBound| matches!(bound, syn::TypeParamBound::Lifetime(_));
    graph.sig.generics.type_params().find(|param| !param.bounds.iter().any(owns))
}

/// The future of a graph. `begun` is what stands before its body.
pub(super) fn future(
    graph: &Graph,
    names: &Names,
    concurrent: &TokenStream,
    begun: &TokenStream,
    lints: &TokenStream,
) -> TokenStream {
    let Names { rt, run, level, end, stage, .. } = names;
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
    let mut span = Span::call_site().located_at(graph.sig.ident.span());
    let (launch, [around, kind, top], given, lent, attended) = if graph.is_held() {
        (
            {
                if let Some(param) = may_borrow(graph) {
                    span = span.located_at(param.ident.span());
                }
                let rt = super::hidden_at("__rt", span);
                quote_spanned!(span=> #rt::held)
            },
            [quote!(Context), quote!(held), quote!(level)],
            quote!(, #stage: ::std::sync::Arc<#rt::Stage<#returned>>),
            quote!(let #stage = &#stage;),
            quote!(#rt::attend_held(#run, #stage, || #early, #future)),
        )
    } else {
        (
            quote!(#rt::open),
            [quote!(Ambient), quote!(open), quote!(open_level)],
            TokenStream::new(),
            TokenStream::new(),
            quote!(#rt::attend(#run, #future)),
        )
    };
    quote_spanned! {span=>
        #launch(move |__context: #rt::#around #given| async move {
            let __context: &#rt::Context = &__context;
            #lent
            #begun
            #lints
            {
                let __shared = #rt::Shared::#kind(__info, __context, #stoppable);
                let __outcome = {
                    let #run = &__shared;
                    let __top = #run.#top();
                    let #level: &#rt::Level<'_> = &__top;
                    let __outcome = #attended.await;
                    // By other names: those above are not kept while the body waits.
                    __shared.ended(&__top, __outcome)
                };
                match __outcome {
                    ::core::result::Result::Ok(__value) => __value,
                    ::core::result::Result::Err(#rt::Halted) => #concluded,
                }
            }
        })
    }
}
