//! A `for` whose body is the call of one operator, in a graph that is not `async`. If the operator takes many items, whole lots are
//! handed over; whether it does, only its type tells. So what comes before the call of an item and what becomes of its value are
//! written apart, and the runtime puts them together.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprCall};

use super::super::model::{FanOut, Graph, Step, Work};
use super::{called, hidden, operator, rt_at, shown, value_at};

/// The only step of such a body. Its arguments must not leave the body, since the calls of earlier items may still be to come.
pub(super) fn only_call<'g>(graph: &Graph, each: &'g FanOut) -> Option<&'g Step> {
    let [step] = &each.body.steps[..] else { return None };
    let Work::Operator(call) = &step.work else { return None };
    let plain =
        step.pat.is_none() && step.assign.is_none() && step.attrs.is_empty() && step.policies.is_empty();
    let leaves = call.args.iter().any(super::contains_try);
    (!graph.asynchronous && plain && !leaves && path(call).is_some()).then_some(step)
}

/// The name of what tells how the items are called for.
pub(super) fn lots() -> Ident {
    hidden("__lots")
}

/// Binds that name.
pub(super) fn bind(graph: &Graph, step: &Step) -> TokenStream {
    let Work::Operator(call) = &step.work else { return TokenStream::new() };
    let Some(path) = path(call) else { return TokenStream::new() };
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let (rt, lots) = (rt_at(span), lots());
    let own = match graph.alias_of(&path) {
        // Of what is no operator its type is known, and not what it would be as a node.
        Some(alias) => quote!(#rt::policed::Own::<#alias>::named()),
        None => {
            let made = operator(graph, &path);
            quote!(#rt::policed::Own::new(|| #made))
        }
    };
    quote_spanned! {span=>
        let #lots = {
            #[allow(unused_imports)]
            use #rt::policed::{OwnItems as _, OwnLots as _};
            (&&#own).lots()
        };
    }
}

/// The call of an item.
pub(super) fn one(graph: &Graph, call: &ExprCall) -> TokenStream {
    let Some(path) = path(call) else { return TokenStream::new() };
    let (lots, made) = (lots(), operator(graph, &path));
    called(&quote!(#lots.node(#made)), call, false)
}

/// The value of that call, where it is settled.
pub(super) fn given(step: &Step) -> (Ident, TokenStream) {
    let given = value_at(step.span);
    let end = match &step.work {
        Work::Operator(call) => call.paren_token.span.close(),
        _ => step.end,
    };
    let shown = shown(&given.to_token_stream(), super::first_token(step), end);
    (given, shown)
}

/// The operator's path, without generic arguments.
fn path(call: &ExprCall) -> Option<syn::Path> {
    let Expr::Path(func) = &*call.func else { return None };
    let mut path = func.path.clone();
    path.segments.last_mut()?.arguments = syn::PathArguments::None;
    Some(path)
}
