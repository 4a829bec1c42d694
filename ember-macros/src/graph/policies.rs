//! Policies on a line of a graph: they take the place of those of its operator, at that line alone.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprMethodCall, Token};

use super::model::Work;
use crate::diagnostics::{Diagnostics, nearest};
use crate::operator::policies::said::{Said, listed};
use crate::operator::policies::{NAMES, Policies};

/// What a line says.
#[derive(Default)]
pub(super) struct LinePolicies {
    /// Those that it has instead.
    pub(super) instead: Policies,
    /// Those that it goes without.
    pub(super) without: Vec<Ident>,
    /// The attributes' names.
    said: Vec<Ident>,
}

/// The policies that a line can have instead of the operator's.
const INSTEAD: [&str; 4] = ["timeout", "deadline", "retry", "fallback"];

/// The policies that a line can go without.
pub(super) const WITHOUT: [&str; 9] =
    ["fallback", "cache", "deadline", "retry", "breaker", "concurrency", "rate", "timeout", "memory"];

/// Why a line cannot go without others.
fn stays(policy: &str) -> Option<&'static str> {
    Some(match policy {
        "batch" => {
            "the operator takes many items, and `batch` is how a line can give it one. With `wait = \"0\"` a lone call waits \
             for nobody; an operator without `batch` can call the function, which has no policies then"
        }
        "isolate" => {
            "what needs a process of its own needs it at every line. An operator without `isolate` can call the function, \
             which then runs in this process"
        }
        "validate" => {
            "what is not valid is so at every line. An operator without `validate` can call the function, which has no \
             policies then"
        }
        "limit" => "`limit` is `concurrency` and `rate`: say which of the two, or both",
        _ => return None,
    })
}

impl LinePolicies {
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Reads an attribute, if it is a policy's.
    pub(super) fn take(&mut self, attr: &Attribute, diagnostics: &mut Diagnostics) -> bool {
        let Some(name) = attr.path().get_ident() else { return false };
        let text = name.to_string();
        if text == "without" {
            self.said.push(name.clone());
            self.take_away(attr, diagnostics);
            return true;
        }
        if !NAMES.contains(&text.as_str()) {
            return false;
        }
        self.said.push(name.clone());
        if !INSTEAD.contains(&text.as_str()) {
            let message = format!(
                "`{text}` is kept once for an operator, for all lines that call it, so it stands on the operator, \
                 `#[operator({text} ..)]`; a line can have {} of its own, and go `#[without(..)]`",
                listed(&INSTEAD)
            );
            diagnostics.error(attr, message);
            return true;
        }
        match syn::parse2::<Said>(attr.meta.to_token_stream()) {
            Ok(said) => {
                self.instead.take(&said, diagnostics);
                if let Some(fallback) = &self.instead.fallback
                    && let Some(refused) = fallback.not_on_a_line()
                {
                    diagnostics.push(syn::Error::new(fallback.span, refused));
                }
                if let Some(condition) =
                    self.instead.retry.as_ref().and_then(|retry| retry.condition.as_ref())
                {
                    let message = "which failures are tried again is the same for all lines, so it stands on the operator: \
                                   `#[operator(idempotent, retry(if = ..))]`";
                    diagnostics.error(condition, message);
                }
            }
            Err(error) => diagnostics.push(error),
        }
        true
    }

    fn take_away(&mut self, attr: &Attribute, diagnostics: &mut Diagnostics) {
        let names = attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated);
        let Ok(names) = names.map(|names| names.into_iter().collect::<Vec<_>>()) else {
            let message = "`#[without(..)]` takes the names of policies: `#[without(cache, retry)]`";
            return diagnostics.error(attr, message);
        };
        if names.is_empty() {
            let message = "`#[without(..)]` takes the names of policies: `#[without(cache, retry)]`";
            diagnostics.error(attr, message);
        }
        for name in names {
            let text = name.to_string();
            if WITHOUT.contains(&text.as_str()) {
                self.without.push(name);
            } else if let Some(why) = stays(&text) {
                diagnostics.error(&name, format!("a line cannot go without `{text}`: {why}"));
            } else {
                let hint =
                    nearest(&text, WITHOUT).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                let there = listed(&WITHOUT);
                diagnostics.error(
                    &name,
                    format!("a line cannot go without `{text}`{hint} (it can without {there})"),
                );
            }
        }
    }

    /// Notes what does not fit a call.
    fn check_call(&self, arguments: &Punctuated<Expr, Token![,]>, diagnostics: &mut Diagnostics) {
        for argument in arguments {
            if super::emit::contains_try(argument) || super::emit::contains_await(argument) {
                let message = "on a line with policies the arguments belong to an attempt, and `?` and `.await` would leave \
                               it; put this on a line of its own";
                diagnostics.error(argument, message);
            }
        }
        for name in &self.without {
            if self.said.iter().any(|said| said == name) {
                let message = format!(
                    "the line has a `{name}` of its own, and goes without one: remove one of the two"
                );
                diagnostics.error(name, message);
            }
        }
    }

    /// Notes if they stand on something else than the call of an operator.
    pub(super) fn check(&self, work: &Work, glue: bool, diagnostics: &mut Diagnostics) {
        let Some(first) = self.said.first() else { return };
        let message = match work {
            Work::Operator(call) => {
                self.check_call(&call.args, diagnostics);
                return;
            }
            Work::Plain(expr) if !glue && method_call(expr).is_some() => {
                if let Some(call) = method_call(expr) {
                    self.check_call(&call.args, diagnostics);
                }
                return;
            }
            Work::Plain(_) if !glue => {
                "has a place on a line that calls one operator, or a method that is one; write the call on a line of its own"
            }
            Work::Plain(_) => {
                "has a place on the call of an operator; plain Rust between the nodes has no policies: make it an operator"
            }
            Work::Race(_) => {
                "cannot stand on `race!(..)`; write it on the operators of its branches, `#[operator(..)]`"
            }
            Work::Branch(..) | Work::FanOut(_) | Work::Loop(_) => {
                "has a place on the call of an operator: write it on the lines inside"
            }
        };
        diagnostics.error(first, format!("`#[{first}]` {message}"));
    }
}

/// The call of a method that a line is, or waits for.
fn method_call(expr: &Expr) -> Option<&ExprMethodCall> {
    match expr {
        Expr::MethodCall(call) => Some(call),
        Expr::Await(waits) => match &*waits.base {
            Expr::MethodCall(call) => Some(call),
            _ => None,
        },
        Expr::Paren(paren) => method_call(&paren.expr),
        _ => None,
    }
}
