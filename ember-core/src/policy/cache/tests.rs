//! One behaviour a file. What goes wrong in other caches has a test that is named after it.

mod contents;
mod keys;
mod rooms;
mod together;
mod together_async;
mod waiting;

use std::convert::Infallible;
use std::time::Duration;

use super::{Cache, CacheBuilder, CacheCounts, Failures, Keeps};
use crate::policy::PolicyError;

type Outcome<V, E> = Result<V, PolicyError<E>>;

const SECOND: Duration = Duration::from_secs(1);

fn small() -> CacheBuilder<u32, u32> {
    Cache::builder().capacity(100)
}

/// A call that cannot fail.
fn sure<F: Failures + Keeps<Infallible>>(cache: &Cache<u32, u32, F>, key: u32, value: u32) -> u32 {
    cache.call(&key, || Outcome::<_, Infallible>::Ok(value)).unwrap()
}

/// Waits until so many calls have begun to wait.
fn until(come: impl Fn() -> bool) {
    while !come() {
        std::thread::yield_now();
    }
}

fn waits<F: Failures>(cache: &Cache<u32, u32, F>) -> u64 {
    cache.counts().waits
}

#[test]
fn the_builder_refuses_what_cannot_be() {
    let text = |invalid: Result<_, super::super::Invalid>| {
        invalid.map(|_: Cache<u32, u32>| ()).unwrap_err().to_string()
    };
    assert_eq!(
        text(small().capacity(0).build()),
        "cache: `capacity` is 0, and must be between 1 and 1099511627776"
    );
    assert_eq!(
        text(small().time_to_live(Duration::ZERO).build()),
        "cache: `time_to_live` is 0ns, and must be more than zero and at most 36500 days"
    );
    assert!(text(small().time_to_idle(Duration::MAX).build()).contains("time_to_idle"));
    let errors = small().cache_errors::<u8>(Duration::ZERO).build();
    assert!(errors.unwrap_err().to_string().contains("cache_errors"));
}

#[test]
fn a_builder_that_is_told_nothing_has_the_documented_defaults() {
    let cache: Cache<u32, u32> = CacheBuilder::default().build().unwrap();
    assert_eq!((cache.capacity(), cache.len()), (1024, 0));
    assert_eq!(cache.counts(), CacheCounts::default());
}
