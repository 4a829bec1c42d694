//! Values of settings that are written as literals: numbers, times, shares and rates. What cannot be is told here.

use std::ops::RangeInclusive;
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

/// A whole number within bounds. `such` shows how it is written.
pub(crate) fn count(
    said: &Said,
    bounds: RangeInclusive<u32>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u32> {
    let Some(Lit::Int(number)) = literal(said) else {
        mistake(said, format!("`{}` takes a whole number: `{such}`", said.name), diagnostics);
        return None;
    };
    let value = number.base10_parse::<u32>().ok();
    if let Some(value) = value
        && bounds.contains(&value)
    {
        return Some(value);
    }
    let (least, most) = (bounds.start(), bounds.end());
    let must = if value.is_some_and(|value| value < *least) {
        format!("at least {least}")
    } else {
        format!("at most {most}")
    };
    let message = format!("`{}` is {}, and must be {must}: `{such}`", said.name, number.base10_digits());
    mistake(said, message, diagnostics);
    None
}

/// A time above zero.
pub(crate) fn time(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let Some(Lit::Str(text)) = literal(said) else {
        mistake(said, format!("`{}` takes a time: `{such}`", said.name), diagnostics);
        return None;
    };
    duration(text).map_err(|error| diagnostics.push(error)).ok()
}

/// A time within bounds.
pub(crate) fn time_within(
    said: &Said,
    bounds: RangeInclusive<Duration>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let time = time(said, such, diagnostics)?;
    if bounds.contains(&time) {
        return Some(time);
    }
    let (least, most) = (bounds.start(), bounds.end());
    let must = if time < *least { format!("at least {least:?}") } else { spoken(*most) };
    mistake(said, format!("`{}` is {time:?}, and must be {must}: `{such}`", said.name), diagnostics);
    None
}

/// A bound in days, if it is so long.
pub(super) fn spoken(most: Duration) -> String {
    match most.as_secs() / 86400 {
        0 => format!("at most {most:?}"),
        1 => "at most a day".to_owned(),
        days => format!("at most {days} days"),
    }
}

/// A number within bounds, with or without a fraction.
pub(crate) fn number(
    said: &Said,
    bounds: RangeInclusive<f64>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let number = match literal(said) {
        Some(Lit::Float(number)) => number.base10_parse::<f64>().ok(),
        Some(Lit::Int(number)) => number.base10_parse::<u32>().ok().map(f64::from),
        _ => None,
    };
    let Some(number) = number else {
        mistake(said, format!("`{}` takes a number: `{such}`", said.name), diagnostics);
        return None;
    };
    if bounds.contains(&number) {
        return Some(number);
    }
    let (least, most) = (bounds.start(), bounds.end());
    let message = format!("`{}` is {number}, and must be from {least} to {most}: `{such}`", said.name);
    mistake(said, message, diagnostics);
    None
}

/// A share of all, up to 1 and above 0: none of nothing would ever be reached.
pub(crate) fn share(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<f64> {
    let share = number(said, f64::MIN..=f64::MAX, such, diagnostics)?;
    if share > 0.0 && share <= 1.0 {
        return Some(share);
    }
    let message = format!("`{}` is {share}, and must be above 0 and at most 1: `{such}`", said.name);
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
