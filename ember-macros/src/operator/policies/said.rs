//! The arguments of an attribute: `name`, `name = value`, `name(setting, setting = value)`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, Token, token};

use crate::diagnostics::{Diagnostics, nearest};
use crate::graph::tidy;

/// One argument.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// What an argument says.
#[derive(Clone)]
pub(crate) enum Value {
    Nothing,
    Is(Expr),
    List(Vec<Said>),
}

impl Parse for Said {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Is(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(Punctuated::<Self, Token![,]>::parse_terminated(&content)?.into_iter().collect())
        } else {
            Value::Nothing
        };
        Ok(Self { name, value })
    }
}

impl Said {
    /// The name as text.
    pub(crate) fn text(&self) -> String {
        self.name.unraw().to_string()
    }

    /// Whether it is more than a word.
    pub(crate) const fn has_value(&self) -> bool {
        !matches!(self.value, Value::Nothing)
    }
}

impl Said {
    /// The policies that it says, with their values as written. `limit` says two under one name.
    pub(super) fn written(&self) -> Vec<(String, String)> {
        match &self.value {
            Value::List(list) if self.name == "limit" => {
                let limits = list.iter().filter(|said| said.name == "concurrency" || said.name == "rate");
                limits.flat_map(Self::written).collect()
            }
            Value::List(list) => {
                let settings: Vec<String> =
                    list.iter().map(|said| tidy(&quote!(#said).to_string())).collect();
                vec![(self.text(), settings.join(", "))]
            }
            Value::Is(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => vec![(self.text(), text.value())],
            Value::Is(value) => vec![(self.text(), tidy(&value.to_token_stream().to_string()))],
            Value::Nothing => vec![(self.text(), String::new())],
        }
    }
}

impl ToTokens for Said {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, value } = self;
        tokens.extend(match value {
            Value::Nothing => quote!(#name),
            Value::Is(value) => quote!(#name = #value),
            Value::List(list) => quote!(#name(#(#list),*)),
        });
    }
}

/// Reads the arguments of an attribute.
pub(crate) fn arguments(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Said> {
    match Punctuated::<Said, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(said) => said.into_iter().collect(),
        Err(error) => {
            diagnostics.push(error);
            Vec::new()
        }
    }
}

/// Settings of a policy, each to be taken by its name. What is left when all are taken is a mistake.
pub(crate) struct Settings<'s> {
    policy: &'s Ident,
    known: &'static [&'static str],
    said: Vec<Said>,
}

impl<'s> Settings<'s> {
    /// Of the policy with that name, which has these settings. One that is said twice is a mistake, and so is one that
    /// there is not.
    pub(crate) fn new(
        policy: &'s Ident,
        known: &'static [&'static str],
        said: &[Said],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut kept: Vec<Said> = Vec::new();
        for setting in said {
            let name = setting.text();
            if !known.contains(&name.as_str()) {
                let hint = nearest(&name, known.iter().copied())
                    .map(|name| format!("; did you mean `{name}`?"))
                    .unwrap_or_default();
                let message =
                    format!("`{policy}` has no setting `{name}`{hint} (there are {})", listed(known));
                diagnostics.error(&setting.name, message);
            } else if kept.iter().any(|one| one.name == setting.name) {
                diagnostics.error(&setting.name, format!("`{name}` is said twice; keep one of the two"));
            } else {
                kept.push(setting.clone());
            }
        }
        Self { policy, known, said: kept }
    }

    /// The setting with that name, if it is there.
    pub(crate) fn take(&mut self, name: &str) -> Option<Said> {
        debug_assert!(self.known.contains(&name), "`{name}` is no setting of `{}`", self.policy);
        let at = self.said.iter().position(|said| said.text() == name)?;
        Some(self.said.swap_remove(at))
    }
}

/// Names in a sentence: `a`, `b` and `c`.
pub(crate) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => quoted.concat(),
    }
}

/// Notes a mistake in what an argument says.
pub(crate) fn mistake(said: &Said, message: impl std::fmt::Display, diagnostics: &mut Diagnostics) {
    match &said.value {
        Value::Is(value) => diagnostics.error(value.to_token_stream(), message),
        _ => diagnostics.error(&said.name, message),
    }
}
