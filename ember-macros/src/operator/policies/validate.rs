//! `validate`: all arguments by the rules of their types; `validate(question, drafts = |n| *n <= 10, returns)`: some of
//! them, by rules or by conditions, and what the operator returns.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type};

use super::said::{Said, Value, listed, mistake};
use super::stack::hidden;
use crate::diagnostics::{Diagnostics, nearest};
use crate::operator::Parameter;

/// What is looked at.
pub(crate) struct Validate {
    /// All arguments but those of types without rules.
    all: bool,
    asked: Vec<(Ident, Option<Expr>)>,
    pub(crate) span: Span,
}

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Validate> {
    let span = said.name.span();
    let list = match &said.value {
        Value::Nothing => return Some(Validate { all: true, asked: Vec::new(), span }),
        Value::List(list) => list,
        Value::Is(_) => {
            let message =
                "`validate` stands alone, or names arguments: `validate(question, drafts = |n| *n <= 10)`";
            mistake(said, message, diagnostics);
            return None;
        }
    };
    let mut asked = Vec::new();
    for argument in list {
        match &argument.value {
            Value::Nothing => asked.push((argument.name.clone(), None)),
            Value::Is(condition @ (Expr::Closure(_) | Expr::Path(_))) => {
                asked.push((argument.name.clone(), Some(condition.clone())));
            }
            _ => {
                let message = format!(
                    "what is asked of `{0}` is a condition: `validate({0} = |{0}| ..)`",
                    argument.name
                );
                mistake(argument, message, diagnostics);
            }
        }
    }
    Some(Validate { all: false, asked, span })
}

impl Validate {
    /// Notes names that are no arguments.
    pub(super) fn check(&self, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        let names: Vec<String> =
            parameters.iter().filter(|p| p.is_passed()).map(|p| p.name.to_string()).collect();
        for (name, _) in &self.asked {
            if name == "returns" || names.iter().any(|known| name == known) {
                continue;
            }
            let known = names.iter().map(String::as_str).chain(["returns"]);
            let hint = nearest(&name.to_string(), known.clone())
                .map(|name| format!("; did you mean `{name}`?"))
                .unwrap_or_default();
            let there = listed(&known.collect::<Vec<_>>());
            let message = format!("there is no argument `{name}` to validate{hint} (there are {there})");
            diagnostics.error(name, message);
        }
    }

    /// Whether what the operator returns is looked at.
    pub(super) fn looks_at_returned(&self) -> bool {
        self.asked.iter().any(|(name, _)| name == "returns")
    }

    /// The function that looks at what the operator returned.
    pub(super) fn of_returned(&self, rt: &TokenStream) -> TokenStream {
        let (look, value) = (hidden("__look"), hidden("__value"));
        let mut asked = quote!(#look);
        for (name, condition) in self.asked.iter().filter(|(name, _)| name == "returns") {
            asked = ask(rt, &asked, name, condition.as_ref(), &quote!(#value));
        }
        quote!(|#look, #value| #asked)
    }

    /// What looks at the arguments: a `Validation`. Nothing if none is looked at.
    pub(super) fn of_arguments(&self, rt: &TokenStream, parameters: &[Parameter]) -> Option<TokenStream> {
        let start = quote!(#rt::Validation::new());
        let mut asked = start.clone();
        for parameter in parameters.iter().filter(|p| p.is_passed()) {
            let Parameter { name, ty, .. } = parameter;
            let lent = super::key::lent(parameter);
            if self.all && !is_plain(ty) {
                let name = Ident::new(&name.to_string(), ty.span());
                asked = ask(rt, &asked, &name, None, &lent);
            }
            for (name, condition) in self.asked.iter().filter(|(asked, _)| asked == name) {
                asked = ask(rt, &asked, name, condition.as_ref(), &lent);
            }
        }
        (asked.to_string() != start.to_string()).then_some(asked)
    }
}

/// One thing more that is asked.
fn ask(
    rt: &TokenStream,
    before: &TokenStream,
    name: &Ident,
    condition: Option<&Expr>,
    value: &TokenStream,
) -> TokenStream {
    let text = name.to_string();
    match condition {
        None => {
            let rules = crate::span::shown_at(rt, crate::span::at(name.span()));
            quote_spanned!(name.span()=> #rules::rules(#before, #text, #value))
        }
        Some(condition) => {
            let said = match condition {
                Expr::Closure(closure) => closure.body.to_token_stream(),
                other => other.to_token_stream(),
            };
            let holds = crate::span::written(&said);
            let must = format!("must satisfy `{holds}`");
            quote_spanned! {condition.span()=>
                #rt::Validation::require(#before, #text, #rt::holds(#value, #condition), #must)
            }
        }
    }
}

/// Whether a type is one that has no rules, as everyone knows.
fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_plain(&reference.elem),
        Type::Path(path) => path.path.get_ident().is_some_and(|name| {
            let name = name.to_string();
            name == "String" || crate::graph::is_primitive(&name)
        }),
        _ => false,
    }
}
