//! `cache(capacity = 1000, ttl = "5m", tti = "1m", key = |question| .., errors = "1s")`.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use super::given::{self, Given};
use super::read;
use super::said::{Said, Settings, Value, mistake};
use crate::diagnostics::Diagnostics;

/// The runtime's bound: a hundred years.
const MOST_TIME: Duration = Duration::from_hours(100 * 365 * 24);

/// A cache of an operator's values.
pub(crate) struct Cache {
    capacity: Option<Given<u32>>,
    ttl: Option<Given<Duration>>,
    tti: Option<Given<Duration>>,
    errors: Option<Given<Duration>>,
    pub(crate) key: Option<Expr>,
    pub(crate) span: Span,
}

const SUCH: &str = "cache(capacity = 1000, ttl = \"5m\")";

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Cache> {
    let list: &[Said] = match &said.value {
        Value::Nothing => &[],
        Value::List(list) => list,
        Value::Is(_) => {
            mistake(said, format!("`cache` stands alone or with settings: `{SUCH}`"), diagnostics);
            return None;
        }
    };
    let known = &["capacity", "ttl", "tti", "errors", "key"];
    let mut settings = Settings::new(&said.name, known, list, diagnostics);
    let mut time =
        |name, such| settings.take(name).and_then(|said| given::time(&said, MOST_TIME, such, diagnostics));
    let ttl = time("ttl", "ttl = \"5m\"");
    let tti = time("tti", "tti = \"1m\"");
    let errors = time("errors", "errors = \"1s\"");
    let key = settings
        .take("key")
        .and_then(|key| read::function(&key, "key = |question| question.to_owned()", diagnostics));
    let capacity = match settings.take("capacity") {
        Some(capacity) => Some(given::count(&capacity, 1..=u32::MAX, "capacity = 1000", diagnostics)?),
        None => None,
    };
    Some(Cache { capacity, ttl, tti, errors, key, span: said.name.span() })
}

impl Cache {
    pub(super) fn keeps_errors(&self) -> bool {
        self.errors.is_some()
    }

    /// What makes it, given its operator and the type of its keys.
    pub(super) fn made(&self, rt: &TokenStream, operator: &Ident, key: &TokenStream) -> TokenStream {
        let capacity = self.capacity.as_ref().map(|entries| quote!(.capacity(#entries as u64)));
        let set = |name: &str, time: &Option<Given<Duration>>| {
            let (name, time) = (Ident::new(name, self.span), time.as_ref()?);
            Some(quote!(.#name(#time)))
        };
        let ttl = set("time_to_live", &self.ttl);
        let tti = set("time_to_idle", &self.tti);
        let errors = set("cache_errors", &self.errors);
        quote_spanned! {self.span=> || {
            let builder = #rt::Cache::<#key, _>::builder() #capacity #ttl #tti #errors;
            #rt::configured(::core::stringify!(#operator), builder)
        }}
    }
}
