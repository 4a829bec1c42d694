//! The attributes that may stand on a line of a graph, and on the graph itself.

use std::time::Duration;

use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

use super::model::{Hedge, Options};
use super::policies::LinePolicies;
use super::syntax::Form;
use crate::diagnostics::{Diagnostics, nearest};
use crate::duration::duration;
use crate::operator::policies::NAMES;
use crate::operator::policies::given::{self, Given};
use crate::operator::policies::said;

/// What the attributes on a line say.
#[derive(Default)]
pub(super) struct StepAttributes {
    pub(super) after: Vec<Ident>,
    pub(super) at_most: Option<Expr>,
    pub(super) concurrency: Option<Expr>,
    pub(super) hedge: Option<Hedge>,
    pub(super) policies: LinePolicies,
    /// Lint levels: they go where the line goes.
    pub(super) kept: Vec<Attribute>,
}

/// Reads the attributes of a line.
pub(super) fn step_attributes(attrs: &[Attribute], diagnostics: &mut Diagnostics) -> StepAttributes {
    let mut found = StepAttributes::default();
    for attr in attrs {
        let name = attr.path().to_token_stream().to_string();
        match name.as_str() {
            "after" => match attr.parse_args_with(Punctuated::<Ident, Token![,]>::parse_terminated) {
                Ok(names) if !names.is_empty() => found.after.extend(names),
                _ => diagnostics.error(attr, "`#[after(..)]` takes the names of nodes above: `#[after(stored)]`"),
            },
            "at_most" => match attr.parse_args::<Expr>() {
                Ok(bound) => {
                    if let Expr::Lit(lit) = &bound
                        && lit.lit.to_token_stream().to_string().trim_end_matches("usize") == "0"
                    {
                        diagnostics.error(&bound, "a loop that may run 0 times never gives its value; allow at least 1");
                    }
                    found.at_most = Some(bound);
                }
                Err(_) => {
                    diagnostics.error(attr, "`#[at_most(..)]` takes a number of turns: `#[at_most(10)]`");
                    // Any bound will do, so that the loop does not seem to have none.
                    found.at_most = Some(syn::parse_quote_spanned!(attr.span()=> 1));
                }
            },
            "concurrency" => match attr.parse_args::<Expr>() {
                Ok(items) => {
                    if let Expr::Lit(lit) = &items
                        && lit.lit.to_token_stream().to_string().trim_end_matches("usize") == "0"
                    {
                        diagnostics.error(&items, "with no item under way at all, none would ever run; allow at least 1");
                    }
                    found.concurrency = Some(items);
                }
                Err(_) => {
                    let message = "`#[concurrency(..)]` takes a number of items: `#[concurrency(8)]`";
                    diagnostics.error(attr, message);
                }
            },
            "hedge" => match hedge(attr) {
                Ok(hedge) => found.hedge = Some(hedge),
                Err(error) => diagnostics.push(error),
            },
            "allow" | "expect" | "warn" | "deny" | "forbid" => found.kept.push(attr.clone()),
            "doc" => {}
            "cfg" | "cfg_attr" => diagnostics.error(
                attr,
                "a line of a graph cannot depend on the configuration; put `#[cfg]` on the whole graph, or inside an \
                 operator",
            ),
            _ if found.policies.take(attr, diagnostics) => {}
            other => {
                let known = [
                    "after", "at_most", "concurrency", "hedge", "timeout", "deadline", "retry", "fallback", "without",
                    "allow", "expect", "warn", "deny",
                ];
                let hint = nearest(other, known).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
                diagnostics.error(
                    attr,
                    format!("a line of a graph has no attribute `{other}`{hint} (there are `after`, `at_most`, `concurrency`, `hedge`, the policies `timeout`, `deadline`, `retry` and `fallback`, `without`, and lint levels)"),
                );
            }
        }
    }
    found
}

/// `after = "200ms", at_most = 2`
fn hedge(attr: &Attribute) -> syn::Result<Hedge> {
    const EXAMPLE: &str = "`#[hedge(after = \"200ms\", at_most = 2)]`";
    let (mut after, mut at_most) = (None, None);
    let missing = || {
        let message = format!("`#[hedge(..)]` needs to know when an attempt is slow: {EXAMPLE}");
        Err(syn::Error::new_spanned(attr, message))
    };
    if attr.meta.require_path_only().is_ok() {
        return missing();
    }
    attr.parse_nested_meta(|meta| {
        if meta.path.is_ident("after") {
            after = Some(slow_after(&meta.value()?.parse()?)?);
            Ok(())
        } else if meta.path.is_ident("at_most") {
            let attempts: Expr = meta.value()?.parse()?;
            if let Expr::Lit(lit) = &attempts
                && matches!(lit.lit.to_token_stream().to_string().trim_end_matches("usize"), "0" | "1")
            {
                return Err(syn::Error::new_spanned(
                    lit,
                    "`at_most` counts the first attempt too, so hedging needs at least 2",
                ));
            }
            at_most = Some(attempts);
            Ok(())
        } else {
            Err(meta.error(format!("`#[hedge(..)]` has `after` and `at_most`: {EXAMPLE}")))
        }
    })?;
    match after {
        Some(after) => {
            let at_most = at_most.unwrap_or_else(|| syn::parse_quote_spanned!(attr.span()=> 2));
            Ok(Hedge { after, at_most, span: attr.path().span() })
        }
        None => missing(),
    }
}

/// A time, as it is written elsewhere.
fn slow_after(value: &Expr) -> syn::Result<Given<Duration>> {
    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value {
        return duration(text).map(Given::Literal);
    }
    given::constant_time("after", value, &(given::SHORTEST..=given::LONGEST))
        .ok_or_else(|| syn::Error::new_spanned(value, "`after` takes a time: `after = \"200ms\"`"))
}

/// Takes the attributes off a statement. The parser puts them on the expression that stands first in it.
pub(super) fn take(expr: &mut Expr) -> Vec<Attribute> {
    let (attrs, first) = match expr {
        Expr::Array(e) => (&mut e.attrs, None),
        Expr::Assign(e) => (&mut e.attrs, Some(&mut e.left)),
        Expr::Await(e) => (&mut e.attrs, Some(&mut e.base)),
        Expr::Binary(e) => (&mut e.attrs, Some(&mut e.left)),
        Expr::Block(e) => (&mut e.attrs, None),
        Expr::Call(e) => (&mut e.attrs, Some(&mut e.func)),
        Expr::Cast(e) => (&mut e.attrs, Some(&mut e.expr)),
        Expr::Field(e) => (&mut e.attrs, Some(&mut e.base)),
        Expr::ForLoop(e) => (&mut e.attrs, None),
        Expr::If(e) => (&mut e.attrs, None),
        Expr::Index(e) => (&mut e.attrs, Some(&mut e.expr)),
        Expr::Loop(e) => (&mut e.attrs, None),
        Expr::Macro(e) => (&mut e.attrs, None),
        Expr::Match(e) => (&mut e.attrs, None),
        Expr::MethodCall(e) => (&mut e.attrs, Some(&mut e.receiver)),
        Expr::Paren(e) => (&mut e.attrs, None),
        Expr::Path(e) => (&mut e.attrs, None),
        Expr::Struct(e) => (&mut e.attrs, None),
        Expr::Try(e) => (&mut e.attrs, Some(&mut e.expr)),
        Expr::Tuple(e) => (&mut e.attrs, None),
        _ => return Vec::new(),
    };
    let mut taken = std::mem::take(attrs);
    if taken.is_empty()
        && let Some(first) = first
    {
        taken = take(first);
    }
    taken
}

/// Takes ember's own attributes off a graph and reads them.
pub(super) fn graph_options(
    attrs: &mut Vec<Attribute>,
    form: Form,
    diagnostics: &mut Diagnostics,
) -> Options {
    let Form { krate, fail_fast, policies } = form;
    let mut options = Options { krate, fail_fast, policies };
    attrs.retain(|attr| {
        if attr.path().is_ident("fail_fast") {
            if attr.meta.require_path_only().is_err() {
                diagnostics.error(attr, "`#[fail_fast]` takes no arguments");
            }
            options.fail_fast = true;
            return false;
        }
        if attr.path().is_ident("operator") {
            let Meta::List(list) = &attr.meta else {
                let message = "`#[operator(..)]` on a graph says its policies, such as `#[operator(timeout = \"2s\")]`; a \
                               graph without is an operator as it is";
                diagnostics.error(attr, message);
                return false;
            };
            for said in said::arguments(list.tokens.clone(), diagnostics) {
                if !options.policies.take(&said, diagnostics) {
                    let message = format!("a graph has no policy `{}`", said.text());
                    diagnostics.error(&said.name, message);
                }
            }
            return false;
        }
        if attr.path().is_ident("ember") {
            let parsed = attr.parse_nested_meta(|meta| {
                if meta.path.is_ident("crate") {
                    let path: syn::Path = meta.value()?.parse()?;
                    options.krate = quote!(#path);
                    Ok(())
                } else {
                    Err(meta.error("known here: `crate = path::to::ember`"))
                }
            });
            if let Err(error) = parsed {
                diagnostics.push(error);
            }
            return false;
        }
        if let Some(name) = attr.path().get_ident().map(ToString::to_string)
            && NAMES.contains(&name.as_str())
        {
            let message = format!(
                "the policies of a graph stand together: `#[operator({name} ..)]`; a single line of a graph takes \
                 `#[{name} ..]`"
            );
            diagnostics.error(attr, message);
            return false;
        }
        true
    });
    options
}
