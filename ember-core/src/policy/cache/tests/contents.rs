//! What is in the cache, beside a map that is easy to see through.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::{Outcome, SECOND, small, sure};
use crate::policy::{Cache, CacheCounts, Failures, Keeps, PolicyError};
use crate::{Clock, Context, ManualClock};

#[derive(Clone, Debug)]
enum Step {
    Ask {
        key: u32,
        fails: bool,
        /// Invalidates the key while the call is under way.
        meanwhile: bool,
    },
    Advance(u64),
    Invalidate(u32),
    InvalidateAll,
    Peek(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..5_u32, prop::bool::weighted(0.3), prop::bool::weighted(0.1))
            .prop_map(|(key, fails, meanwhile)| Step::Ask { key, fails, meanwhile }),
        3 => (0..8_u64).prop_map(Step::Advance),
        1 => (0..5_u32).prop_map(Step::Invalidate),
        1 => Just(Step::InvalidateAll),
        1 => (0..5_u32).prop_map(Step::Peek),
    ]
}

/// Times are milliseconds.
#[derive(Clone, Copy, Debug)]
struct Lives {
    live: Option<u64>,
    idle: Option<u64>,
    errors: Option<u64>,
}

#[derive(Clone, Copy)]
struct Kept {
    outcome: Result<u32, u32>,
    born: u64,
    used: u64,
}

struct Model {
    lives: Lives,
    now: u64,
    kept: BTreeMap<u32, Kept>,
    counts: CacheCounts,
}

impl Model {
    /// What is there, if it is not too old.
    fn look(&mut self, key: u32) -> Option<Kept> {
        let kept = *self.kept.get(&key)?;
        match self.is_over(kept) {
            None => Some(kept),
            Some(idle) => {
                self.kept.remove(&key);
                *(if idle { &mut self.counts.idle } else { &mut self.counts.expired }) += 1;
                None
            }
        }
    }

    /// Whether it is too old, and if so, whether it was but unused for too long.
    fn is_over(&self, kept: Kept) -> Option<bool> {
        let (live, idle) = match kept.outcome {
            Ok(_) => (self.lives.live, self.lives.idle),
            Err(_) => (self.lives.errors, None),
        };
        if live.is_some_and(|live| kept.born + live <= self.now) {
            Some(false)
        } else {
            idle.filter(|idle| kept.used + idle <= self.now).map(|_| true)
        }
    }

    fn forget(&mut self, key: u32) {
        if self.look(key).is_some() {
            self.kept.remove(&key);
            self.counts.invalidated += 1;
        }
    }

    fn ask(&mut self, key: u32, outcome: Result<u32, u32>, meanwhile: bool) -> Result<u32, u32> {
        if let Some(kept) = self.look(key) {
            self.counts.hits += 1;
            self.kept.get_mut(&key).expect("it is there").used = self.now;
            return kept.outcome;
        }
        self.counts.loads += 1;
        self.counts.failed += u64::from(outcome.is_err());
        if outcome.is_ok() || self.lives.errors.is_some() {
            if meanwhile {
                self.counts.stale += 1;
            } else {
                self.kept.insert(key, Kept { outcome, born: self.now, used: self.now });
            }
        }
        outcome
    }
}

fn run<F: Failures + Keeps<u32>>(
    cache: &Cache<u32, u32, F>,
    clock: &ManualClock,
    lives: Lives,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let mut model = Model { lives, now: 0, kept: BTreeMap::new(), counts: CacheCounts::default() };
    for (number, step) in (0..).zip(steps) {
        match *step {
            Step::Ask { key, fails, meanwhile } => {
                let outcome = if fails { Err(number) } else { Ok(number) };
                let got = cache.call(&key, || {
                    if meanwhile {
                        cache.invalidate(&key);
                    }
                    outcome.map_err(PolicyError::from)
                });
                let got = got.map_err(|failure| *failure.operator().expect("no policy says anything"));
                prop_assert_eq!(got, model.ask(key, outcome, meanwhile));
            }
            Step::Advance(millis) => {
                clock.advance(Duration::from_millis(millis));
                model.now += millis;
            }
            Step::Invalidate(key) => {
                cache.invalidate(&key);
                model.forget(key);
            }
            Step::InvalidateAll => {
                cache.invalidate_all();
                for key in 0..5 {
                    model.forget(key);
                }
            }
            Step::Peek(key) => {
                let there = model.kept.get(&key).filter(|kept| model.is_over(**kept).is_none());
                prop_assert_eq!(cache.peek(&key), there.and_then(|kept| kept.outcome.ok()));
            }
        }
        prop_assert_eq!(cache.len(), model.kept.len());
    }
    prop_assert_eq!(cache.counts(), model.counts);
    Ok(())
}

proptest! {
    #[test]
    fn it_holds_what_a_map_would(
        live in prop::option::of(1..20_u64),
        idle in prop::option::of(1..20_u64),
        errors in prop::option::of(1..20_u64),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let clock = ManualClock::new();
        let millis = Duration::from_millis;
        let mut builder = Cache::builder().capacity(10_000).clock(clock.clone());
        if let Some(live) = live {
            builder = builder.time_to_live(millis(live));
        }
        if let Some(idle) = idle {
            builder = builder.time_to_idle(millis(idle));
        }
        let lives = Lives { live, idle, errors };
        match errors {
            None => run(&builder.build().unwrap(), &clock, lives, &steps)?,
            Some(errors) => run(&builder.cache_errors(millis(errors)).build().unwrap(), &clock, lives, &steps)?,
        }
    }
}

#[test]
fn r34_failures_are_kept_only_where_that_is_asked_for() {
    let fails = || Outcome::Err("down".to_owned().into());
    let cache = small().build().unwrap();
    for _ in 0..2 {
        assert!(cache.call(&1, fails).is_err());
    }
    assert_eq!((cache.counts().loads, cache.len()), (2, 0));

    let shares = small().share_errors().build().unwrap();
    for _ in 0..2 {
        assert!(shares.call(&1, fails).is_err());
    }
    assert_eq!((shares.counts().loads, shares.len()), (2, 0));

    let keeps = small().cache_errors(SECOND).build().unwrap();
    for _ in 0..2 {
        let failure = keeps.call(&1, || fails().map_err(|failure| failure.at_attempt(3))).unwrap_err();
        assert_eq!((failure.operator().map(String::as_str), failure.attempt()), (Some("down"), 3));
    }
    let counts = keeps.counts();
    assert_eq!((counts.loads, counts.failed, counts.hits), (1, 1, 1));
}

#[test]
fn what_a_policy_says_is_not_kept_with_the_failures() {
    let cache = small().cache_errors::<u8>(SECOND).build().unwrap();
    assert!(cache.call(&1, || Err(PolicyError::open(None))).unwrap_err().is_open());
    assert_eq!(cache.call(&1, || Ok(5)).unwrap(), 5);
}

#[test]
fn failures_have_a_life_of_their_own() {
    let clock = ManualClock::new();
    let cache =
        small().clock(clock.clone()).time_to_live(60 * SECOND).cache_errors::<u8>(SECOND).build().unwrap();
    cache.call(&1, || Err(7.into())).unwrap_err();
    cache.call(&2, || Ok(2)).unwrap();
    clock.advance(SECOND);
    assert_eq!(cache.call(&1, || Ok(1)).unwrap(), 1);
    assert_eq!(cache.call(&2, || Err(7.into())).unwrap(), 2);
}

#[test]
fn a_value_that_looks_like_nothing_is_a_value() {
    let flags: Cache<u32, bool> = Cache::builder().build().unwrap();
    let found: Cache<u32, Option<u32>> = Cache::builder().build().unwrap();
    for _ in 0..2 {
        assert!(!flags.call(&1, || Outcome::<_, ()>::Ok(false)).unwrap());
        assert_eq!(found.call(&1, || Outcome::<_, ()>::Ok(None)).unwrap(), None);
    }
    assert_eq!((flags.counts().loads, found.counts().loads), (1, 1));
}

#[test]
fn the_time_is_that_of_the_context_where_nothing_else_is_said() {
    let cache = small().time_to_live(SECOND).build().unwrap();
    let clock = ManualClock::new();
    let context = Context::builder().clock(clock.clone()).build();
    let ask = |value| context.scope(|| sure(&cache, 1, value));
    assert_eq!((ask(1), ask(2)), (1, 1));
    clock.advance(SECOND);
    assert_eq!(ask(3), 3);
    // Its time is not ours, which is behind it.
    assert!(clock.now() > std::time::Instant::now());
    assert_eq!(sure(&cache, 1, 4), 3);
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "tokio")]
async fn entries_grow_old_by_tokios_paused_time() {
    let cache = small().clock(crate::TokioClock).time_to_live(SECOND).build().unwrap();
    let ask = |value| cache.call_async(&1, async move { Outcome::<_, ()>::Ok(value) });
    assert_eq!(ask(1).await.unwrap(), 1);
    tokio::time::advance(SECOND / 2).await;
    assert_eq!(ask(2).await.unwrap(), 1);
    tokio::time::advance(SECOND / 2).await;
    assert_eq!(ask(3).await.unwrap(), 3);
}

#[test]
fn invalidating_all_is_seen_at_once() {
    let cache = small().build().unwrap();
    for key in 0..50 {
        sure(&cache, key, key);
    }
    cache.invalidate_all();
    assert!((0..50).all(|key| cache.peek(&key).is_none()));
    assert_eq!((cache.len(), cache.counts().invalidated), (0, 50));
}

#[test]
fn what_was_too_old_anyway_counts_as_expired_when_it_is_invalidated() {
    let clock = ManualClock::new();
    let cache = small().clock(clock.clone()).time_to_live(SECOND).build().unwrap();
    sure(&cache, 1, 1);
    sure(&cache, 2, 2);
    clock.advance(SECOND);
    cache.invalidate(&1);
    cache.invalidate_all();
    let counts = cache.counts();
    assert_eq!((counts.expired, counts.invalidated), (2, 0));
}
