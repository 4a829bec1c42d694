//! The call of a node whose line has policies of its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall};

use super::super::model::{Graph, Step};
use super::super::policies::{LinePolicies, WITHOUT};
use crate::operator::on_a_line;

use super::{called, hidden, operator, rt_at};

/// The call behind what the line says, given the call as it is without. `again` are the arguments that each attempt needs.
pub(super) fn overridden(graph: &Graph, step: &Step, call: &ExprCall, awaited: bool) -> Option<TokenStream> {
    let line = &step.policies;
    if line.is_empty() {
        return None;
    }
    let Expr::Path(func) = &*call.func else { return None };
    let mut path = func.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let rt = rt_at(span);
    let (own, node) = (hidden("__own"), hidden("__node"));
    let made = operator(graph, &path);
    let called = called(&node.to_token_stream(), call, awaited);
    let policed = quote!(#rt::policed);
    let over = line.instead.overrides(&policed, &without(line));
    let (again, run, classify) = match &line.instead.retry {
        None => (TokenStream::new(), "run", None),
        Some(retry) => {
            let places = super::values_taken(graph, call).into_iter().map(|arg| {
                let span = arg.span();
                quote_spanned!(span=> (&&#own).again(&#arg);)
            });
            let classify = retry.classify(&policed);
            (places.collect(), "run_retrying", Some(quote!(, #classify)))
        }
    };
    let timers = line.instead.timed().filter(|_| awaited).map(|span| {
        let rt = rt_at(span);
        quote_spanned!(span=> #rt::policed::timers();)
    });
    let run = Ident::new(&format!("{run}{}", if awaited { "_async" } else { "" }), span);
    let layered = quote_spanned! {span=> {
        #(#timers)*
        #[allow(unused_imports)]
        use #policed::{OwnBehind as _, OwnPlain as _};
        let #own = #policed::Own::new(|| #made);
        #again
        (&&#own).#run(#over, |#node| #called #classify)
    }};
    Some(line.instead.fallback_around(&policed, &layered, awaited))
}

/// Tells the method that a line calls what the line says, if it says something. What it says of a fallback stands around the
/// call.
pub(super) fn tell_method(step: &Step, expr: &mut Expr) {
    let line = &step.policies;
    if line.is_empty() {
        return;
    }
    match expr {
        Expr::MethodCall(call) => *expr = told(line, call, false),
        Expr::Await(waits) => {
            if let Expr::MethodCall(call) = &mut *waits.base {
                *waits.base = told(line, call, true);
            }
        }
        Expr::Paren(paren) => tell_method(step, &mut paren.expr),
        _ => {}
    }
}

fn told(line: &LinePolicies, call: &mut ExprMethodCall, awaited: bool) -> Expr {
    let rt = rt_at(call.method.span());
    let policed = quote!(#rt::policed);
    let mut over = line.instead.overrides(&policed, &without(line));
    if line.instead.retry.is_some() {
        over = quote!(#policed::Retried(#over));
    }
    call.method = on_a_line(&call.method);
    call.args.push(Expr::Verbatim(over));
    if line.instead.fallback.is_none() {
        return Expr::MethodCall(call.clone());
    }
    Expr::Verbatim(line.instead.fallback_around(&policed, &call.to_token_stream(), awaited))
}

/// The policies that the line goes without, as bits in the order of [`WITHOUT`].
fn without(line: &LinePolicies) -> TokenStream {
    let mut bits = 0u16;
    for name in &line.without {
        bits |= WITHOUT.iter().position(|known| name == known).map_or(0, |bit| 1 << bit);
    }
    if line.instead.fallback.is_some() {
        bits |= 1;
    }
    quote!(#bits)
}
