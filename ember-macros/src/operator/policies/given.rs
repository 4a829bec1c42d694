//! Values that are written as literals, which are looked at here, or as constants, which the compiler looks at:
//! `retry = 3`, `retry = ATTEMPTS`.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprPath};

use super::read;
use super::said::{Said, Value};
use crate::diagnostics::Diagnostics;
use crate::graph::tidy;

/// A value of a setting.
#[derive(Clone)]
pub(crate) enum Given<T> {
    Literal(T),
    /// What gives it, and does not compile if it is out of its bounds.
    Constant(TokenStream),
}

impl<T: Copy> Given<T> {
    /// The value, if it is known.
    pub(crate) const fn literal(&self) -> Option<T> {
        match self {
            Self::Literal(value) => Some(*value),
            Self::Constant(_) => None,
        }
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl ToTokens for Given<$number> {
            fn to_tokens(&self, tokens: &mut TokenStream) {
                match self {
                    Self::Literal(number) => number.to_tokens(tokens),
                    Self::Constant(constant) => constant.to_tokens(tokens),
                }
            }
        }
    )*};
}

numbers!(u32 u64 f64);

impl ToTokens for Given<Duration> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(time) => super::time::duration(*time).to_tokens(tokens),
            Self::Constant(constant) => constant.to_tokens(tokens),
        }
    }
}

/// A whole number within bounds.
pub(crate) fn count(
    said: &Said,
    bounds: RangeInclusive<u32>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Given<u32>> {
    let Value::Is(value) = &said.value else {
        return read::count(said, bounds, such, diagnostics).map(Given::Literal);
    };
    let Some(path) = constant(value) else {
        return read::count(said, bounds, such, diagnostics).map(Given::Literal);
    };
    let (least, most) = (*bounds.start(), *bounds.end());
    let above = (least > 0).then(|| quote!(__SAID >= #least));
    let below = (most < u32::MAX).then(|| quote!(__SAID <= #most));
    let holds: Vec<TokenStream> = above.into_iter().chain(below).collect();
    let must = match (least, most) {
        (0, most) => format!("at most {most}"),
        (least, u32::MAX) => format!("at least {least}"),
        (least, most) => format!("from {least} to {most}"),
    };
    Some(checked(&said.text(), path, &quote!(::core::primitive::u32), &holds, &must))
}

/// A time above zero, within a bound.
pub(crate) fn time(
    said: &Said,
    most: Duration,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Given<Duration>> {
    time_within(said, SHORTEST..=most, such, diagnostics)
}

/// A time within bounds.
pub(crate) fn time_within(
    said: &Said,
    bounds: RangeInclusive<Duration>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Given<Duration>> {
    match &said.value {
        Value::Is(value) if constant(value).is_some() => constant_time(&said.text(), value, &bounds),
        _ => read::time_within(said, bounds, such, diagnostics).map(Given::Literal),
    }
}

/// What is above zero.
pub(crate) const SHORTEST: Duration = Duration::from_nanos(1);

/// As long as a time that is written can be.
pub(crate) const LONGEST: Duration = Duration::from_hours(1000 * 366 * 24);

/// A time that is a constant, if the expression is one.
pub(crate) fn constant_time(
    setting: &str,
    value: &Expr,
    bounds: &RangeInclusive<Duration>,
) -> Option<Given<Duration>> {
    let path = constant(value)?;
    let (least, most) = (*bounds.start(), *bounds.end());
    let (nanos, most_nanos) = (least.as_nanos(), most.as_nanos());
    let above = (nanos > 0).then(|| quote!(__SAID.as_nanos() >= #nanos));
    let holds: Vec<_> = above.into_iter().chain([quote!(__SAID.as_nanos() <= #most_nanos)]).collect();
    let most = read::spoken(most);
    let must = match least {
        Duration::ZERO => most,
        SHORTEST => format!("above zero and {most}"),
        least => format!("at least {least:?} and {most}"),
    };
    Some(checked(setting, path, &quote!(::core::time::Duration), &holds, &must))
}

/// A number of bytes that is a constant, if the expression is one.
pub(super) fn constant_bytes(setting: &str, value: &Expr) -> Option<TokenStream> {
    match checked::<u32>(setting, constant(value)?, &quote!(::core::primitive::usize), &[], "") {
        Given::Constant(constant) => Some(constant),
        Given::Literal(_) => None,
    }
}

/// A number of bytes that is a constant, if the expression is one. `must` says the bounds in words.
pub(super) fn constant_size(
    setting: &str,
    value: &Expr,
    bounds: &RangeInclusive<u64>,
    must: &str,
) -> Option<Given<u64>> {
    let path = constant(value)?;
    let (least, most) = (bounds.start(), bounds.end());
    let below = (*most < u64::MAX).then(|| quote!(__SAID <= #most));
    let holds: Vec<_> = [quote!(__SAID >= #least)].into_iter().chain(below).collect();
    Some(checked(setting, path, &quote!(::core::primitive::u64), &holds, must))
}

/// A number within bounds, with or without a fraction.
pub(crate) fn number(
    said: &Said,
    bounds: RangeInclusive<f64>,
    such: &str,
    diagnostics: &mut Diagnostics,
) -> Option<Given<f64>> {
    match &said.value {
        Value::Is(value) if constant(value).is_some() => constant_number(&said.text(), value, &bounds),
        _ => read::number(said, bounds, such, diagnostics).map(Given::Literal),
    }
}

/// A number that is a constant, if the expression is one.
pub(super) fn constant_number(
    setting: &str,
    value: &Expr,
    bounds: &RangeInclusive<f64>,
) -> Option<Given<f64>> {
    let path = constant(value)?;
    let (least, most) = (bounds.start(), bounds.end());
    let holds = [quote!(__SAID >= #least), quote!(__SAID <= #most)];
    let must = format!("from {least} to {most}");
    Some(checked(setting, path, &quote!(::core::primitive::f64), &holds, &must))
}

/// A share of all, up to 1 and above 0.
pub(crate) fn share(said: &Said, such: &str, diagnostics: &mut Diagnostics) -> Option<Given<f64>> {
    match &said.value {
        Value::Is(value) if let Some(path) = constant(value) => {
            let holds = [quote!(__SAID > 0.0), quote!(__SAID <= 1.0)];
            Some(checked(
                &said.text(),
                path,
                &quote!(::core::primitive::f64),
                &holds,
                "above 0 and at most 1",
            ))
        }
        _ => read::share(said, such, diagnostics).map(Given::Literal),
    }
}

/// The path of a constant, which is told by its case: other names are mistakes of another sort.
pub(super) fn constant(value: &Expr) -> Option<&ExprPath> {
    let Expr::Path(path) = value else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    let name = name.trim_start_matches("r#");
    let is_constant = name.starts_with(|c: char| c.is_uppercase() || c == '_')
        && !name.contains(|c: char| c.is_lowercase());
    is_constant.then_some(path)
}

/// A constant whose bounds the compiler looks at. Items, and not `const` blocks: these are looked at also where nothing is
/// run, and in what is generic.
fn checked<T>(
    setting: &str,
    path: &ExprPath,
    ty: &TokenStream,
    holds: &[TokenStream],
    must: &str,
) -> Given<T> {
    if let Some(mistake) = of_self(setting, path) {
        return Given::Constant(mistake);
    }
    let written = tidy(&path.to_token_stream().to_string());
    let message = format!("`{setting}` is `{written}`, which must be {must}");
    let asserted = (!holds.is_empty()).then(|| {
        quote_spanned! {path.span()=> const _: () = ::core::assert!(#(#holds)&&*, #message); }
    });
    Given::Constant(quote_spanned! {path.span()=> {
        const __SAID: #ty = #path;
        #asserted
        __SAID
    }})
}

/// What is told of a constant that is named by `Self`, if it is.
pub(super) fn of_self(setting: &str, path: &ExprPath) -> Option<TokenStream> {
    let written = tidy(&path.to_token_stream().to_string());
    let own = written.strip_prefix("Self::")?;
    let message = format!(
        "policies are kept outside of the `impl` block, where `Self` is nothing: name the type, `{setting} = Type::{own}`"
    );
    Some(quote_spanned!(path.span()=> ::core::compile_error!(#message)))
}
