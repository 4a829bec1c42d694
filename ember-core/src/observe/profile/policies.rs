//! What policies did at a node, in one line.

use std::fmt;

use super::advice::{Percent, attempts, ratio};
use crate::observe::Tally;

/// Nothing if none did anything.
pub(super) fn line(of: &Tally) -> Option<String> {
    let mut said = Said(Vec::new());
    if of.attempts_failed != 0 || of.backoffs != 0 || of.hedges != 0 {
        said.say(format_args!("{} attempts ({} failed)", attempts(of), of.attempts_failed));
        said.count(of.backoffs, "retries");
        said.count(of.hedges, "hedges");
    }
    let asked = of.cache_hits + of.cache_misses + of.cache_joined;
    if asked != 0 {
        let had = Percent(ratio(of.cache_hits + of.cache_joined, asked));
        said.say(format_args!("cache {} hits, {} misses ({had})", of.cache_hits, of.cache_misses));
        said.count(of.cache_joined, "joined");
        said.count(of.cache_evicted, "evicted");
    }
    if of.permit_waits != 0 {
        said.say(format_args!("{} waits for permits ({:.1?})", of.permit_waits, of.permit_time));
    }
    if of.rate_waits != 0 {
        said.say(format_args!("{} waits for a turn ({:.1?})", of.rate_waits, of.rate_time));
    }
    if of.memory_waits != 0 {
        said.say(format_args!("{} waits for memory ({:.1?})", of.memory_waits, of.memory_time));
    }
    said.count(of.permits_refused, "refused a permit");
    said.count(of.rates_refused, "refused a turn");
    said.count(of.memory_refused, "refused memory");
    said.count(of.breaker_refused, "turned away by a breaker");
    said.count(of.fallbacks, "fallbacks");
    said.count(of.fallbacks_failed, "fallbacks that failed");
    said.count(of.timeouts, "timeouts");
    said.count(of.abandoned, "left behind");
    said.count(of.breaker_changes, "changes of breakers");
    (!said.0.is_empty()).then(|| said.0.join(", "))
}

struct Said(Vec<String>);

impl Said {
    fn say(&mut self, what: fmt::Arguments<'_>) {
        self.0.push(what.to_string());
    }

    fn count(&mut self, many: u64, what: &str) {
        if many != 0 {
            self.say(format_args!("{many} {what}"));
        }
    }
}
