//! A `for` whose body is the call of one operator, in a graph that is not `async`. If the operator takes many items, whole lots are
//! handed over; whether it does, only its type tells. So what comes before the call of an item and what becomes of its value are
//! written apart, and the runtime puts them together.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprCall};

use super::super::model::{FanOut, Graph, Step, Work};
use super::{called, hidden, operator, rt_at};

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
    let (rt, lots, made) = (rt_at(span), lots(), operator(graph, &path));
    quote_spanned! {span=>
        let #lots = {
            #[allow(unused_imports)]
            use #rt::policed::{OwnItems as _, OwnLots as _};
            (&&#rt::policed::Own::new(|| #made)).lots()
        };
    }
}

/// The call of an item.
pub(super) fn one(call: &ExprCall) -> TokenStream {
    let lots = lots();
    called(&quote!(#lots.node()), call, false)
}

/// The operator's path, without generic arguments.
fn path(call: &ExprCall) -> Option<syn::Path> {
    let Expr::Path(func) = &*call.func else { return None };
    let mut path = func.path.clone();
    path.segments.last_mut()?.arguments = syn::PathArguments::None;
    Some(path)
}
