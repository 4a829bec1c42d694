//! Values of settings: numbers, times, shares and rates, all written as literals, so that what cannot be is told here.

use std::time::Duration;

use syn::{Expr, Lit};

use super::said::{Said, Value, mistake};
use crate::diagnostics::Diagnostics;
use crate::duration::duration;

/// The literal that a setting is.
fn literal(said: &Said) -> Option<&Lit> {
    match &said.value {
        Value::Is(Expr::Lit(lit)) => Some(&lit.lit),
        _ => None,
    }
}

/// A whole number from `least` on. `such` shows how it is written.
pub(crate) fn count(said: &Said, least: u32, such: &str, diagnostics: &mut Diagnostics) -> Option<u32> {
    let Some(Lit::Int(number)) = literal(said) else {
        mistake(said, format!("`{}` takes a whole number: `{such}`", said.name), diagnostics);
        return None;
    };
    match number.base10_parse::<u32>() {
        Ok(value) if value >= least => Some(value),
        Ok(value) => {
            let message = format!("`{}` is {value}, and must be at least {least}: `{such}`", said.name);
            mistake(said, message, diagnostics);
            None
        }
        Err(_) => {
            let message = format!("`{}` is too large; it must be at most {}", said.name, u32::MAX);
            mistake(said, message, diagnostics);
            None
        }
    }
}

/// A time above zero.
pub(crate) fn time(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let Some(Lit::Str(text)) = literal(said) else {
        mistake(said, format!("`{}` takes a time: `{such}`", said.name), diagnostics);
        return None;
    };
    duration(text).map_err(|error| diagnostics.push(error)).ok()
}

/// A share above 0 and up to 1.
pub(crate) fn share(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<f64> {
    let number = match literal(said) {
        Some(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
        Some(Lit::Int(number)) => number.base10_parse::<u32>().ok().map(f64::from),
        _ => None,
    };
    let Some(number) = number else {
        mistake(said, format!("`{}` takes a share of all, up to 1: `{such}`", said.name), diagnostics);
        return None;
    };
    if number > 0.0 && number <= 1.0 {
        return Some(number);
    }
    let message = format!("`{}` is {number}, and must be above 0 and at most 1: `{such}`", said.name);
    mistake(said, message, diagnostics);
    None
}

/// So many calls in so much time: `"100/s"`, `"5/10min"`.
pub(crate) fn rate(said: &Said, diagnostics: &mut Diagnostics) -> Option<(u32, Duration)> {
    const SUCH: &str = "rate = \"100/s\"";
    let Some(Lit::Str(text)) = literal(said) else {
        mistake(said, format!("`{}` takes calls in a time: `{SUCH}`", said.name), diagnostics);
        return None;
    };
    let value = text.value();
    let Some((calls, per)) = value.split_once('/') else {
        let message = format!("`{value}` is no rate; write calls and the time they are for: `{SUCH}`");
        mistake(said, message, diagnostics);
        return None;
    };
    let Ok(calls) = calls.trim().replace('_', "").parse::<u32>() else {
        let message = format!("`{}` is no number of calls; write a whole one: `{SUCH}`", calls.trim());
        mistake(said, message, diagnostics);
        return None;
    };
    if calls == 0 {
        mistake(said, format!("a rate of 0 lets no call through, ever: write `{SUCH}`"), diagnostics);
        return None;
    }
    let per = per.trim();
    let per = if per.starts_with(|c: char| c.is_ascii_digit()) { per.to_owned() } else { format!("1{per}") };
    let per = syn::LitStr::new(&per, text.span());
    let per = duration(&per).map_err(|error| diagnostics.push(error)).ok()?;
    Some((calls, per))
}

/// One of some names.
pub(crate) fn one_of<'n>(said: &Said, names: &[&'n str], diagnostics: &mut Diagnostics) -> Option<&'n str> {
    let name = match &said.value {
        Value::Is(Expr::Path(path)) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let found = name.as_deref().and_then(|name| names.iter().find(|known| **known == name));
    if found.is_none() {
        let hint = name
            .and_then(|name| crate::diagnostics::nearest(&name, names.iter().copied()))
            .map(|name| format!("; did you mean `{name}`?"))
            .unwrap_or_default();
        let message = format!("`{}` is one of {}{hint}", said.name, super::said::listed(names));
        mistake(said, message, diagnostics);
    }
    found.copied()
}

/// A path or a closure.
pub(crate) fn function(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<Expr> {
    match &said.value {
        Value::Is(value @ (Expr::Path(_) | Expr::Closure(_))) => Some(value.clone()),
        _ => {
            let message = format!("`{}` takes a function or a closure: `{such}`", said.name);
            mistake(said, message, diagnostics);
            None
        }
    }
}
