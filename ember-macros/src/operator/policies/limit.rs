//! `limit(concurrency = 8, queue = 64, rate = "100/s", burst = 10, key = |tenant| ..)`; `concurrency = 8` and
//! `rate = "100/s"` alone.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;

use super::given::{self, Given};
use super::read;
use super::said::{Said, Settings, Value, mistake};
use crate::diagnostics::Diagnostics;

/// What fits any counter.
const MOST: u32 = i32::MAX as u32;

/// As long as a time that is written can be.
const LONGEST: Duration = Duration::from_hours(1000 * 366 * 24);

/// The runtime's bound of the time for a burst, in nanoseconds: 73 years.
const LONGEST_BURST: u128 = 1 << 61;

/// How much of an operator may be under way, and how often it may start.
#[derive(Default)]
pub(crate) struct Limits {
    pub(crate) concurrency: Option<(Given<u32>, Span)>,
    pub(crate) queue: Option<Given<u32>>,
    pub(crate) rate: Option<((u32, Duration), Span)>,
    pub(crate) burst: Option<Given<u32>>,
    pub(crate) wait: Option<Given<Duration>>,
    pub(crate) key: Option<Expr>,
}

impl Limits {
    pub(super) fn is_empty(&self) -> bool {
        self.concurrency.is_none() && self.rate.is_none()
    }

    /// The calls that set the line of a builder: how many wait, and for how long.
    pub(super) fn line(&self) -> (Option<TokenStream>, Option<TokenStream>) {
        let queue = self.queue.as_ref().map(|calls| quote!(.queue(#calls as usize)));
        let wait = self.wait.as_ref().map(|time| quote!(.max_wait(#time)));
        (queue, wait)
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
            let most = self.rate.map_or(MOST, |((calls, per), _)| {
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
        let Some((calls, per)) = read::rate(said, diagnostics) else { return };
        if per.as_nanos() < u128::from(calls) {
            mistake(said, "a rate is a call in a nanosecond at most: write `rate = \"100/s\"`", diagnostics);
        } else if per.as_nanos().div_ceil(u128::from(calls)) > LONGEST_BURST {
            mistake(said, "a rate is a call in 73 years at least: write `rate = \"100/s\"`", diagnostics);
        } else {
            self.rate = Some(((calls, per), said.name.span()));
        }
    }
}
