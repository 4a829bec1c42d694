//! `backoff = exponential("100ms", factor = 2, cap = "10s")`, `constant("1s")`, `decorrelated("100ms", cap = "10s")`.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprLit, Lit};

use super::given::{self, Given};
use super::read;
use super::said::{Said, Value, mistake};
use crate::diagnostics::{Diagnostics, nearest};
use crate::duration::duration;

const SUCH: &str =
    "`exponential(\"100ms\", cap = \"10s\")`, `decorrelated(\"100ms\")`, `constant(\"1s\")` or `none`";

const DAY: Duration = Duration::from_hours(24);
/// The bound of the waits, unless it is said.
const CAP: Duration = Duration::from_secs(30);

/// What the arguments of a backoff say.
struct Waits {
    first: Given<Duration>,
    factor: Option<Given<f64>>,
    cap: Option<Given<Duration>>,
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
    let most = match &cap {
        _ if constant => Given::Literal(DAY),
        Some(cap) => cap.clone(),
        None => Given::Literal(CAP),
    };
    let first = match (first.literal(), most.literal()) {
        (Some(first), Some(most)) if first > most => {
            let message = match cap {
                _ if constant => "a wait between two attempts is a day at most".to_owned(),
                Some(_) => format!("the waits begin with {first:?}, and `cap` lets none be above {most:?}"),
                None => format!("the waits begin with {first:?}, and none is above 30s unless `cap` says so"),
            };
            diagnostics.error(call, message);
            return None;
        }
        (Some(_), Some(_)) => quote!(#first),
        _ if constant => quote!(#first),
        _ => {
            let message = match cap {
                Some(_) => "the waits begin with more than `cap` lets any of them be",
                None => "the waits begin with more than 30s, and none is above that unless `cap` says so",
            };
            quote_spanned! {call.span()=> {
                const _: () = ::core::assert!(#first.as_nanos() <= #most.as_nanos(), #message);
                #first
            }}
        }
    };
    let factor = factor.map(|factor| quote!(.factor(#factor)));
    let cap = cap.map(|cap| quote!(.cap(#cap)));
    Some(quote!(#name(#first) #factor #cap))
}

fn arguments(call: &ExprCall, diagnostics: &mut Diagnostics) -> Option<Waits> {
    let mut arguments = call.args.iter();
    let first = arguments.next().map_or(Ok(None), |first| time("backoff", first, diagnostics)).ok()?;
    let Some(first) = first else {
        diagnostics.error(call, "a backoff begins with a time: `exponential(\"100ms\")`");
        return None;
    };
    let mut waits = Waits { first, factor: None, cap: None };
    for argument in arguments {
        let (name, value) = match argument {
            Expr::Assign(assign) => match &*assign.left {
                Expr::Path(path) => (path.path.get_ident(), &*assign.right),
                _ => (None, argument),
            },
            _ => (None, argument),
        };
        let known = match name {
            Some(name) if name == "cap" && waits.cap.is_none() => {
                waits.cap = time("cap", value, diagnostics).ok()?;
                waits.cap.is_some()
            }
            Some(name) if name == "factor" && waits.factor.is_none() => {
                waits.factor = factor(value, diagnostics).ok()?;
                waits.factor.is_some()
            }
            _ => false,
        };
        if !known {
            let message = "behind the first wait stand `factor = 2` and `cap = \"10s\"`";
            diagnostics.error(argument, message);
            return None;
        }
    }
    Some(waits)
}

/// What cannot be, which has been told.
struct Told;

/// A wait of a day at most, if it is written as a time is.
fn time(setting: &str, value: &Expr, diagnostics: &mut Diagnostics) -> Result<Option<Given<Duration>>, Told> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        return Ok(given::constant_time(setting, value, &(given::SHORTEST..=DAY)));
    };
    let time = duration(text).map_err(|error| {
        diagnostics.push(error);
        Told
    })?;
    if setting == "cap" && time > DAY {
        diagnostics.error(text, "a wait between two attempts is a day at most");
        return Err(Told);
    }
    Ok(Some(Given::Literal(time)))
}

/// How many times longer each wait is, if it is a number or a constant.
fn factor(value: &Expr, diagnostics: &mut Diagnostics) -> Result<Option<Given<f64>>, Told> {
    const BOUNDS: RangeInclusive<f64> = 1.0..=1000.0;
    let number = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            // Of one that is too large to be read it is said that it is too large.
            Some(number.base10_parse::<u16>().map_or(f64::INFINITY, f64::from))
        }
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        _ => return Ok(given::constant_number("factor", value, &BOUNDS)),
    };
    match number {
        Some(factor) if !BOUNDS.contains(&factor) => {
            diagnostics.error(value, "`factor` is what each wait is longer by: from 1 to 1000");
            Err(Told)
        }
        number => Ok(number.map(Given::Literal)),
    }
}
