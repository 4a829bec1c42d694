//! `fallback = value`, `fallback = operator`, `fallback(with = |error| ..)`, `fallback(last_good)`; and `if = is_open` beside
//! `value`, `operator`, `with` or `last_good`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::read;
use super::said::{Said, Settings, Value};
use crate::diagnostics::Diagnostics;

/// What stands in for a value that did not come about.
pub(crate) struct Fallback {
    pub(crate) with: With,
    /// A function of the failure that says whether it applies.
    condition: Option<Expr>,
    pub(crate) span: Span,
}

/// Where it comes from.
pub(crate) enum With {
    /// An expression.
    Value(Expr),
    /// An operator with the same arguments.
    Operator(Expr),
    /// A function of the error.
    Function(Expr),
    /// The last value that was good.
    LastGood,
}

const SUCH: &str =
    "`fallback = value`, `fallback = operator`, `fallback(with = |error| ..)` or `fallback(last_good)`";

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Fallback> {
    let span = said.name.span();
    let settings = match &said.value {
        Value::Nothing => {
            diagnostics.error(&said.name, format!("`fallback` needs to know what stands in: {SUCH}"));
            return None;
        }
        Value::Is(Expr::Closure(closure)) => {
            let message = "a closure stands in as `fallback(with = |error| ..)`; to give the closure itself, write \
                           `fallback(value = ..)`";
            diagnostics.error(closure, message);
            return None;
        }
        Value::Is(value) => {
            let with = if is_function(value) { With::Operator } else { With::Value };
            return Some(Fallback { with: with(value.clone()), condition: None, span });
        }
        Value::List(list) => list,
    };
    let mut settings =
        Settings::new(&said.name, &["value", "with", "operator", "last_good", "if"], settings, diagnostics);
    let mut found = Vec::new();
    for (name, with) in
        [("value", With::Value as fn(Expr) -> With), ("operator", With::Operator), ("with", With::Function)]
    {
        let Some(setting) = settings.take(name) else { continue };
        match setting.value {
            Value::Is(value) => found.push(with(value)),
            _ => {
                diagnostics.error(&setting.name, format!("`{name}` needs a value: {SUCH}"));
                return None;
            }
        }
    }
    if let Some(setting) = settings.take("last_good") {
        if !matches!(setting.value, Value::Nothing) {
            diagnostics.error(&setting.name, "`last_good` takes no value: `fallback(last_good)`");
        }
        found.push(With::LastGood);
    }
    let condition = settings.take("if");
    let condition =
        condition.and_then(|condition| read::function(&condition, "if = PolicyError::is_open", diagnostics));
    let with = found.pop();
    if with.is_none() || !found.is_empty() {
        diagnostics.error(&said.name, format!("`fallback` takes one of its forms: {SUCH}"));
        return None;
    }
    with.map(|with| Fallback { with, condition, span })
}

impl Fallback {
    /// Of which failures it takes the place.
    pub(super) fn which(&self) -> TokenStream {
        match &self.condition {
            Some(condition) => {
                let span = condition.span();
                let failed = Ident::new("__failed", Span::mixed_site().located_at(span));
                quote_spanned!(span=> |#failed| (#condition)(#failed))
            }
            None => quote!(|_| true),
        }
    }

    /// Why it cannot stand on a line of a graph, if so.
    pub(crate) fn not_on_a_line(&self) -> Option<&'static str> {
        match self.with {
            With::Operator(_) => Some(
                "on a line a fallback is a value, `#[fallback = 0.0]`, or a function of the failure, \
                 `#[fallback(with = |failure| ..)]`; that of an operator with the same arguments stands on the operator",
            ),
            With::LastGood => {
                Some("the last good value is kept for an operator: write it there, `fallback(last_good)`")
            }
            With::Value(_) | With::Function(_) => None,
        }
    }
}

/// Whether a path names a function, as far as its case tells: constants and variants are written otherwise.
fn is_function(value: &Expr) -> bool {
    let Expr::Path(path) = value else { return false };
    path.path.segments.last().is_some_and(|last| {
        last.ident.to_string().trim_start_matches("r#").starts_with(|c: char| c.is_lowercase() || c == '_')
    })
}

/// The layer around the next one, but for operators. `layer` is the state, if it is to be used.
pub(super) fn around(
    rt: &TokenStream,
    fallback: &Fallback,
    layer: &TokenStream,
    next: &TokenStream,
    asynchronous: bool,
) -> TokenStream {
    let (Fallback { with, span, .. }, which) = (fallback, fallback.which());
    let span = *span;
    let call = |name: &str| {
        let name = if asynchronous { format!("{name}_async") } else { name.to_owned() };
        Ident::new(&name, span)
    };
    let next = if asynchronous { next.clone() } else { quote!(move || #next) };
    match with {
        With::Value(value) | With::Operator(value) => {
            let call = call("instead");
            quote_spanned! {value.span()=>
                #rt::#call(#layer, #next, #which, move |_| ::core::result::Result::Ok(#value))
            }
        }
        With::Function(function) => {
            let call = call("instead");
            quote_spanned!(function.span()=> #rt::#call(#layer, #next, #which, #function))
        }
        With::LastGood => {
            let call = call("last_good");
            quote_spanned! {span=> {
                static __KEPT: #rt::Kept = #rt::Kept::of("last good");
                #rt::#call(#layer, &__KEPT, #next, #which)
            }}
        }
    }
}
