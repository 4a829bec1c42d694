//! `limit(concurrency = 8, queue = 64, rate = "100/s", burst = 10, key = |tenant| ..)`; `concurrency = 8`,
//! `rate = "100/s"` and `rate(calls = 100, per = "1s")` alone.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;

use super::given::{self, Given, LONGEST};
use super::read;
use super::said::{Said, Settings, Value, mistake};
use crate::diagnostics::Diagnostics;

/// What fits any counter.
const MOST: u32 = i32::MAX as u32;

/// The runtime's bound of the time for a burst, in nanoseconds: 73 years.
const LONGEST_BURST: u128 = 1 << 61;

/// How much of an operator may be under way, and how often it may start.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) concurrency: Option<(Given<u32>, Span)>,
    pub(crate) queue: Option<Given<u32>>,
    rate: Option<Rate>,
    pub(crate) burst: Option<Given<u32>>,
    pub(crate) wait: Option<Given<Duration>>,
    pub(crate) key: Option<Expr>,
}

/// So many calls in so much time.
struct Rate {
    calls: Given<u32>,
    per: Given<Duration>,
    span: Span,
}

impl Limits {
    pub(super) fn is_empty(&self) -> bool {
        self.concurrency.is_none() && self.rate.is_none()
    }

    pub(super) const fn has_rate(&self) -> bool {
        self.rate.is_some()
    }

    /// The calls that set the line of a builder: how many wait, and for how long.
    pub(super) fn line(&self) -> (Option<TokenStream>, Option<TokenStream>) {
        let queue = self.queue.as_ref().map(|calls| quote!(.queue(#calls as usize)));
        let wait = self.wait.as_ref().map(|time| quote!(.max_wait(#time)));
        (queue, wait)
    }

    /// The calls that set a builder of a rate, if there is one; what only the compiler knows of it is asserted there.
    pub(super) fn rate_settings(&self) -> Option<(TokenStream, Span)> {
        let Rate { calls, per, span } = self.rate.as_ref()?;
        let (queue, wait) = self.line();
        let burst = self.burst.as_ref().map(|calls| quote!(.burst(#calls)));
        let known = calls.literal().is_some() && per.literal().is_some();
        let asserted = (!known).then(|| {
            let least = quote!(__PER.as_nanos() >= __CALLS as u128);
            let often = "a rate is a call in a nanosecond at most";
            let most = self.burst.as_ref().map_or_else(|| quote!(1_u32), |calls| quote!(#calls));
            let within =
                quote!(__PER.as_nanos().div_ceil(__CALLS as u128) * (#most as u128) <= #LONGEST_BURST);
            let long = "a rate, and the burst that it may be ahead, must be made up for within 73 years";
            quote_spanned! {*span=>
                const _: () = {
                    ::core::assert!(#least, #often);
                    ::core::assert!(#within, #long);
                };
            }
        });
        let calls = quote_spanned! {*span=> {
            const __CALLS: ::core::primitive::u32 = #calls;
            const __PER: ::core::time::Duration = #per;
            #asserted
            __CALLS
        }};
        Some((quote!(.calls(#calls).per(#per) #burst #queue #wait), *span))
    }

    /// Reads `limit(..)`, `concurrency = ..` or `rate = ..`.
    pub(super) fn read(&mut self, said: &Said, diagnostics: &mut Diagnostics) {
        match said.text().as_str() {
            "concurrency" => return self.concurrency(said, diagnostics),
            "rate" => return self.rate(said, diagnostics),
            _ => {}
        }
        let Value::List(list) = &said.value else {
            let message =
                "`limit` needs to know what it limits: `limit(concurrency = 8)`, `limit(rate = \"100/s\")`";
            mistake(said, message, diagnostics);
            return;
        };
        let known = &["concurrency", "queue", "rate", "burst", "max_wait", "key"];
        let mut settings = Settings::new(&said.name, known, list, diagnostics);
        let mut said_rightly = true;
        if let Some(concurrency) = settings.take("concurrency") {
            self.concurrency(&concurrency, diagnostics);
            said_rightly &= self.concurrency.is_some();
        }
        if let Some(rate) = settings.take("rate") {
            self.rate(&rate, diagnostics);
            said_rightly &= self.rate.is_some();
        }
        if said_rightly && self.is_empty() {
            let message =
                "`limit` needs to know what it limits: `limit(concurrency = 8)`, `limit(rate = \"100/s\")`";
            diagnostics.error(&said.name, message);
            return;
        }
        if let Some(queue) = settings.take("queue") {
            self.queue = given::count(&queue, 0..=MOST, "queue = 64", diagnostics);
        }
        if let Some(burst) = settings.take("burst") {
            let most = self.rate.as_ref().and_then(Rate::known).map_or(MOST, |(calls, per)| {
                let most = LONGEST_BURST / per.as_nanos().div_ceil(u128::from(calls)).max(1);
                u32::try_from(most).unwrap_or(MOST).clamp(1, MOST)
            });
            self.burst = given::count(&burst, 1..=most, "burst = 10", diagnostics);
            if said_rightly && self.rate.is_none() {
                let message =
                    "`burst` says how far a rate may be ahead, and there is none: write `rate = \"100/s\"`";
                diagnostics.error(&burst.name, message);
            }
        }
        if let Some(wait) = settings.take("max_wait") {
            self.wait = given::time(&wait, LONGEST, "max_wait = \"1s\"", diagnostics);
        }
        if let Some(key) = settings.take("key") {
            self.key = read::function(&key, "key = |tenant| tenant.id", diagnostics);
        }
    }

    fn concurrency(&mut self, said: &Said, diagnostics: &mut Diagnostics) {
        if self.concurrency.is_some() {
            diagnostics.error(&said.name, "`concurrency` is said twice; keep one of the two");
        }
        let calls = given::count(said, 1..=MOST, "concurrency = 8", diagnostics);
        self.concurrency = calls.map(|calls| (calls, said.name.span()));
    }

    fn rate(&mut self, said: &Said, diagnostics: &mut Diagnostics) {
        if self.rate.is_some() {
            diagnostics.error(&said.name, "`rate` is said twice; keep one of the two");
        }
        let span = said.name.span();
        let rate = match &said.value {
            Value::List(list) => Rate::in_parts(said, list, diagnostics),
            Value::Is(value) if given::constant(value).is_some() => {
                let message = "a rate is a text, `rate = \"100/s\"`; constants stand for its parts, `rate(calls = CALLS, per \
                               = TIME)`";
                mistake(said, message, diagnostics);
                None
            }
            _ => read::rate(said, diagnostics).map(|(calls, per)| Rate {
                calls: Given::Literal(calls),
                per: Given::Literal(per),
                span,
            }),
        };
        let Some(rate) = rate else { return };
        if let Some((calls, per)) = rate.known() {
            if per.as_nanos() < u128::from(calls) {
                let message = "a rate is a call in a nanosecond at most: write `rate = \"100/s\"`";
                return mistake(said, message, diagnostics);
            }
            if per.as_nanos().div_ceil(u128::from(calls)) > LONGEST_BURST {
                let message = "a rate is a call in 73 years at least: write `rate = \"100/s\"`";
                return mistake(said, message, diagnostics);
            }
        }
        self.rate = Some(rate);
    }
}

impl Rate {
    /// `rate(calls = 100, per = "1s")`
    fn in_parts(said: &Said, list: &[Said], diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut settings = Settings::new(&said.name, &["calls", "per"], list, diagnostics);
        let (calls, per) = (settings.take("calls"), settings.take("per"));
        let (Some(calls), Some(per)) = (calls, per) else {
            let message = "a rate is so many calls in so much time: `rate(calls = 100, per = \"1s\")`";
            diagnostics.error(&said.name, message);
            return None;
        };
        let calls = given::count(&calls, 1..=u32::MAX, "calls = 100", diagnostics);
        let per = given::time(&per, LONGEST, "per = \"1s\"", diagnostics);
        Some(Self { calls: calls?, per: per?, span: said.name.span() })
    }

    /// Its parts, if they are known.
    fn known(&self) -> Option<(u32, Duration)> {
        Some((self.calls.literal()?, self.per.literal()?))
    }
}
