//! `cache(capacity = 1000, ttl = "5m", tti = "1m", key = |question| .., errors = "1s")`.

use std::time::Duration;

use proc_macro2::Span;
use syn::Expr;

use super::read;
use super::said::{Said, Settings, Value, mistake};
use crate::diagnostics::Diagnostics;

/// What fits any counter.
const MOST: u32 = i32::MAX as u32;

/// A cache of an operator's values.
pub(crate) struct Cache {
    pub(crate) capacity: u32,
    pub(crate) ttl: Option<Duration>,
    pub(crate) tti: Option<Duration>,
    pub(crate) errors: Option<Duration>,
    pub(crate) key: Option<Expr>,
    pub(crate) span: Span,
}

const SUCH: &str = "cache(capacity = 1000, ttl = \"5m\")";

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Cache> {
    let Value::List(list) = &said.value else {
        mistake(said, format!("a cache needs to know how much it may hold: `{SUCH}`"), diagnostics);
        return None;
    };
    let known = &["capacity", "ttl", "tti", "errors", "key"];
    let mut settings = Settings::new(&said.name, known, list, diagnostics);
    let mut time = |name, such| settings.take(name).and_then(|said| read::time(&said, such, diagnostics));
    let ttl = time("ttl", "ttl = \"5m\"");
    let tti = time("tti", "tti = \"1m\"");
    let errors = time("errors", "errors = \"1s\"");
    let key = settings
        .take("key")
        .and_then(|key| read::function(&key, "key = |question| question.to_owned()", diagnostics));
    let Some(capacity) = settings.take("capacity") else {
        let message = format!("a cache needs to know how many values it may hold: `{SUCH}`");
        diagnostics.error(&said.name, message);
        return None;
    };
    let capacity = read::count(&capacity, 1..=MOST, SUCH, diagnostics)?;
    Some(Cache { capacity, ttl, tti, errors, key, span: said.name.span() })
}
