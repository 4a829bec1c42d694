//! The call of a node whose line has policies of its own.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall};

use super::super::check::each_step;
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
    let said = said(step);
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
        (&&#own).#run(Self::#said(), |#node| #called #classify)
    }};
    let lender = lender(step);
    Some(line.instead.fallback_around(&policed, &quote!(Self::#lender()), &layered, awaited))
}

/// Functions of the graph's type that hold what its lines say: both forms of a line have one fallback and one retry, and what is
/// wrong with a constant is told once.
pub(super) fn of_lines(graph: &Graph, node: &Ident) -> TokenStream {
    let krate = &graph.options.krate;
    let policed = quote!(#krate::__private::policed);
    let mut found = TokenStream::new();
    each_step(&graph.body, &mut |step| {
        if let Some(hedge) = &step.hedge {
            let (slow_after, after) = (slow_after(step), &hedge.after);
            found.extend(quote! {
                #[doc(hidden)]
                fn #slow_after() -> ::core::time::Duration { #after }
            });
        }
        let line = &step.policies;
        if line.is_empty() {
            return;
        }
        let (said, over) = (said(step), line.instead.overrides(&policed, &without(line)));
        found.extend(quote! {
            #[doc(hidden)]
            fn #said() -> #policed::Overrides { #over }
        });
        if line.instead.fallback.is_some() {
            let lender = lender(step);
            let name = format!("{}.{}", graph.sig.ident, graph.nodes[step.node as usize].path);
            found.extend(quote! {
                #[doc(hidden)]
                fn #lender() -> &'static #policed::Fallback {
                    static LAYER: ::std::sync::LazyLock<#policed::Fallback> = ::std::sync::LazyLock::new(|| {
                        #policed::watched(#name, #policed::Fallback::new(#name), #node::#lender)
                    });
                    &LAYER
                }
            });
        }
    });
    found
}

/// The function that tells when an attempt of a line is slow.
pub(super) fn slow_after(step: &Step) -> Ident {
    Ident::new(&format!("__slow_after_of_{}", step.node), Span::call_site())
}

/// The function that tells what a line says instead of its operator.
fn said(step: &Step) -> Ident {
    Ident::new(&format!("__policies_of_{}", step.node), Span::call_site())
}

/// The function that lends the fallback of a line.
fn lender(step: &Step) -> Ident {
    Ident::new(&format!("__fallback_of_{}", step.node), Span::call_site())
}

/// Tells the method that a line calls what the line says, if it says something. What it says of a fallback stands around the
/// call.
pub(super) fn tell_method(step: &Step, expr: &mut Expr) {
    if step.policies.is_empty() {
        return;
    }
    match expr {
        Expr::MethodCall(call) => *expr = told(step, call, false),
        Expr::Await(waits) => {
            if let Expr::MethodCall(call) = &mut *waits.base {
                *waits.base = told(step, call, true);
            }
        }
        Expr::Paren(paren) => tell_method(step, &mut paren.expr),
        _ => {}
    }
}

fn told(step: &Step, call: &mut ExprMethodCall, awaited: bool) -> Expr {
    let line = &step.policies;
    let rt = rt_at(call.method.span());
    let policed = quote!(#rt::policed);
    let said = said(step);
    let mut over = quote!(Self::#said());
    if line.instead.retry.is_some() {
        over = quote!(#policed::Retried(#over));
    }
    call.method = on_a_line(&call.method);
    call.args.push(Expr::Verbatim(over));
    if line.instead.fallback.is_none() {
        return Expr::MethodCall(call.clone());
    }
    let (lender, call) = (lender(step), call.to_token_stream());
    Expr::Verbatim(line.instead.fallback_around(&policed, &quote!(Self::#lender()), &call, awaited))
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
