//! Code that the compiler takes for the user's own. What generated code puts around an expression has the spans of the
//! user's tokens, so that a message underlines the lines that the user wrote.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::model::{Body, Step, Work};

/// The runtime's door, as if the user had written it: messages about what is called through it do not speak of a macro.
pub(super) fn rt_at(span: Span) -> Ident {
    Ident::new("__rt", span)
}

/// A value that is bound and given on at once, as if the user had written it. No code of the user stands between the
/// two, so its own names cannot meet this one.
pub(super) fn value_at(span: Span) -> Ident {
    Ident::new("__value", span)
}

/// Braces around tokens, shown where the user's are.
pub(super) fn braced(tokens: TokenStream, span: Span) -> Group {
    let mut group = Group::new(Delimiter::Brace, tokens);
    group.set_span(span);
    group
}

/// A name for the value of a body, and the call that gives it on: to the compiler it is the user's own expression.
pub(super) fn give_tail(body: &Body, give: &str) -> (Ident, TokenStream) {
    let (first, last) = match body.steps.last() {
        Some(step) => (step.span, step.end),
        None => (Span::mixed_site(), Span::mixed_site()),
    };
    let value = value_at(first);
    let given = give_at(give, &value, first, last);
    (value, given)
}

/// The call of a function of the runtime that reaches from one token of the user to another.
pub(super) fn give_at(how: &str, value: &Ident, first: Span, last: Span) -> TokenStream {
    give(how, &value.to_token_stream(), first, last)
}

/// The same of any value: to the compiler it is an expression of the user.
fn give(how: &str, value: &TokenStream, first: Span, last: Span) -> TokenStream {
    let (rt, give, arguments) = (rt_at(first), Ident::new(how, first), arguments(value, last));
    quote_spanned!(first=> #rt::#give #arguments)
}

/// The value or the failure of something that is tried: what is wrong with that is told of the whole of it, once.
pub(super) fn split_at(tried: &TokenStream, none: Span) -> TokenStream {
    let mut spans = tried.clone().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or(none);
    let (rt, arguments) = (rt_at(first), arguments(tried, spans.last().unwrap_or(first)));
    quote_spanned!(first=> #rt::Fallible::split #arguments)
}

/// What a call is given, in parentheses that are shown at a token of the user.
fn arguments(value: &TokenStream, at: Span) -> Group {
    let mut arguments = Group::new(Delimiter::Parenthesis, value.clone());
    arguments.set_span(at);
    arguments
}

/// The value of something as an expression that reaches from one token of the user to another.
pub(super) fn shown(value: &TokenStream, first: Span, last: Span) -> TokenStream {
    let (rt, arguments) = (rt_at(first), arguments(value, last));
    let mut field = Literal::usize_unsuffixed(0);
    field.set_span(last);
    quote_spanned!(first=> #rt::Given #arguments.#field)
}

/// The first token of what a step does.
pub(super) fn first_token(step: &Step) -> Span {
    match &step.work {
        Work::Operator(call) => call.span(),
        Work::Plain(expr) => expr.span(),
        _ => step.span,
    }
}

/// The value of an `async` graph's last line. Where it is a call, what is written for it differs in the two forms, so the
/// compiler must not look into it for what has the wrong type.
pub(super) fn whole(step: &Step, expr: &TokenStream) -> TokenStream {
    if !matches!(step.work, Work::Operator(_)) || !step.tries.is_empty() {
        return expr.clone();
    }
    let mut wrapped = Group::new(Delimiter::Parenthesis, quote!(#expr,));
    wrapped.set_span(step.span);
    let mut zero = Literal::usize_unsuffixed(0);
    zero.set_span(step.end);
    quote_spanned!(step.end=> #wrapped.#zero)
}
