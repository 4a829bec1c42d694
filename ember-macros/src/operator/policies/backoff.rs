//! `backoff = exponential("100ms", factor = 2, cap = "10s")`, `constant("1s")`, `decorrelated("100ms", cap = "10s")`.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprCall, Lit};

use super::read;
use super::said::{Said, Value, mistake};
use super::time::duration as written;
use crate::diagnostics::{Diagnostics, nearest};
use crate::duration::duration;

const SUCH: &str =
    "`exponential(\"100ms\", cap = \"10s\")`, `decorrelated(\"100ms\")`, `constant(\"1s\")` or `none`";

const DAY: Duration = Duration::from_hours(24);
/// The bound of the waits, unless it is said.
const CAP: Duration = Duration::from_secs(30);

/// What the arguments of a backoff say.
struct Waits {
    first: Duration,
    factor: Option<f64>,
    cap: Option<Duration>,
}

/// The backoff behind `Backoff::`, with the jitter that is said beside it.
pub(super) fn read(
    backoff: Option<&Said>,
    jitter: Option<&Said>,
    diagnostics: &mut Diagnostics,
) -> Option<TokenStream> {
    let mut random = false;
    let mut tokens = match backoff {
        None => quote!(default()),
        Some(said) => match &said.value {
            Value::Is(Expr::Path(path)) if path.path.is_ident("none") => {
                quote!(constant(::core::time::Duration::ZERO))
            }
            Value::Is(Expr::Call(call)) => {
                random = matches!(&*call.func, Expr::Path(path) if path.path.is_ident("decorrelated"));
                growing(call, diagnostics)?
            }
            _ => {
                mistake(said, format!("a backoff is one of {SUCH}"), diagnostics);
                return None;
            }
        },
    };
    match jitter {
        None if backoff.is_none() => return None,
        None => {}
        Some(jitter) if random => {
            let message = "a decorrelated backoff is random in its own way; leave `jitter` out";
            diagnostics.error(&jitter.name, message);
        }
        Some(jitter) => {
            let full = read::one_of(jitter, &["full", "none"], diagnostics)? == "full";
            tokens.extend(quote!(.full_jitter(#full)));
        }
    }
    Some(tokens)
}

fn growing(call: &ExprCall, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
    const NAMES: [&str; 3] = ["exponential", "decorrelated", "constant"];
    let name = match &*call.func {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let text = quote!(#name).to_string();
    let Some(name) = name.filter(|_| NAMES.contains(&text.as_str())) else {
        let meant = if text == "fixed" { Some("constant") } else { nearest(&text, NAMES) };
        let hint = meant.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default();
        diagnostics
            .error(&call.func, format!("there is no backoff of that name{hint} (it is one of {SUCH})"));
        return None;
    };
    let Waits { first, factor, cap } = arguments(call, diagnostics)?;
    let constant = name == "constant";
    if constant && (cap.is_some() || factor.is_some()) {
        diagnostics.error(call, "a constant backoff does not grow, so it has neither `factor` nor `cap`");
        return None;
    }
    if name == "decorrelated" && factor.is_some() {
        diagnostics.error(call, "a decorrelated backoff draws its waits, and has no `factor`");
        return None;
    }
    let most = if constant { DAY } else { cap.unwrap_or(CAP) };
    if first > most {
        let message = match cap {
            _ if constant => "a wait between two attempts is a day at most".to_owned(),
            Some(cap) => format!("the waits begin with {first:?}, and `cap` lets none be above {cap:?}"),
            None => format!("the waits begin with {first:?}, and none is above 30s unless `cap` says so"),
        };
        diagnostics.error(call, message);
        return None;
    }
    let first = written(first);
    let factor = factor.map(|factor| quote!(.factor(#factor)));
    let cap = cap.map(|cap| {
        let cap = written(cap);
        quote!(.cap(#cap))
    });
    Some(quote!(#name(#first) #factor #cap))
}

fn arguments(call: &ExprCall, diagnostics: &mut Diagnostics) -> Option<Waits> {
    let mut arguments = call.args.iter();
    let Some(Expr::Lit(syn::ExprLit { lit: Lit::Str(first), .. })) = arguments.next() else {
        diagnostics.error(call, "a backoff begins with a time: `exponential(\"100ms\")`");
        return None;
    };
    let time =
        |text, diagnostics: &mut Diagnostics| duration(text).map_err(|error| diagnostics.push(error)).ok();
    let mut waits = Waits { first: time(first, diagnostics)?, factor: None, cap: None };
    for argument in arguments {
        let (name, value) = match argument {
            Expr::Assign(assign) => match (&*assign.left, &*assign.right) {
                (Expr::Path(path), Expr::Lit(value)) => (path.path.get_ident(), Some(&value.lit)),
                _ => (None, None),
            },
            _ => (None, None),
        };
        match (name, value) {
            (Some(name), Some(Lit::Str(text))) if name == "cap" && waits.cap.is_none() => {
                let cap = time(text, diagnostics)?;
                if cap > DAY {
                    diagnostics.error(text, "a wait between two attempts is a day at most");
                    return None;
                }
                waits.cap = Some(cap);
            }
            (Some(name), Some(lit @ (Lit::Int(_) | Lit::Float(_))))
                if name == "factor" && waits.factor.is_none() =>
            {
                let factor = match lit {
                    Lit::Int(number) => number.base10_parse::<u16>().ok().map(f64::from),
                    Lit::Float(number) => number.base10_parse::<f64>().ok(),
                    _ => None,
                };
                let Some(factor) = factor.filter(|factor| (1.0..=1000.0).contains(factor)) else {
                    diagnostics.error(lit, "`factor` is what each wait is longer by: from 1 to 1000");
                    return None;
                };
                waits.factor = Some(factor);
            }
            _ => {
                let message = "behind the first wait stand `factor = 2` and `cap = \"10s\"`";
                diagnostics.error(argument, message);
                return None;
            }
        }
    }
    Some(waits)
}
