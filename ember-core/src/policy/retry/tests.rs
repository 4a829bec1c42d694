use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{Backoff, Budget, Class, Pick, PickAny, PickRetryable, Retry, RetryBuilder, Retryable};
use crate::policy::{Exhausted, PolicyError, Span};
use crate::{Clock, Context, ManualClock, Stopped};

mod gives_up;
mod kinds;
mod model;
mod stacked;
#[cfg(feature = "tokio")]
mod waits_async;

const SECOND: Duration = Duration::from_secs(1);

type Failed = PolicyError<&'static str>;

/// A clock that moves itself on when a thread waits for it, and keeps how long each waited.
#[derive(Clone)]
struct Jumping {
    clock: ManualClock,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl Jumping {
    fn new() -> Self {
        Self { clock: ManualClock::new(), waits: Arc::default() }
    }

    fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for Jumping {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn park_until(&self, moment: Instant) {
        let wait = moment - self.now();
        self.waits.lock().unwrap().push(wait);
        self.clock.advance(wait);
    }
}

/// Constant delays of a second by a clock that jumps.
fn seconds(clock: &Jumping) -> RetryBuilder {
    Retry::builder().backoff(Backoff::constant(SECOND)).clock(clock.clone())
}

fn again<E>(_: &E) -> Class {
    Class::Retry
}

#[test]
fn r32_a_call_is_made_again_until_it_is_good() {
    let clock = Jumping::new();
    let retry = seconds(&clock).attempts(5).build().unwrap();
    let seen = RefCell::new(Vec::new());
    let output = retry.call(
        |attempt| {
            seen.borrow_mut().push(attempt);
            if attempt < 4 { Err(Failed::from("down")) } else { Ok(attempt) }
        },
        again,
    );
    assert_eq!(output.ok(), Some(4));
    assert_eq!(*seen.borrow(), [1, 2, 3, 4]);
    assert_eq!(clock.waits(), [SECOND; 3]);
}

#[test]
fn attempts_count_the_first_call_and_no_delay_follows_the_last() {
    for attempts in [1, 2, 3, 10] {
        let clock = Jumping::new();
        let retry = seconds(&clock).attempts(attempts).build().unwrap();
        let made = Cell::new(0);
        let failed = retry.call(
            |_| {
                made.set(made.get() + 1);
                Err::<(), _>(Failed::from("down"))
            },
            again,
        );
        assert_eq!((made.get(), failed.unwrap_err().attempt()), (attempts, attempts));
        assert_eq!(clock.waits().len(), attempts as usize - 1);
    }
}

#[test]
fn a_retry_of_one_attempt_hands_the_failure_on_as_it_is() {
    let retry = Retry::builder().attempts(1).build().unwrap();
    let failed = retry.call(|_| Err::<(), _>(Failed::from("down")), again).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.into_operator().ok()), (None, Some("down")));
}

#[test]
fn delays_grow_from_attempt_to_attempt_and_each_call_begins_anew() {
    let clock = Jumping::new();
    let backoff = Backoff::exponential(SECOND).full_jitter(false);
    let retry = Retry::builder().attempts(4).backoff(backoff).clock(clock.clone()).build().unwrap();
    for _ in 0..2 {
        let _ = retry.call(|_| Err::<(), _>(Failed::from("down")), again);
    }
    assert_eq!(clock.waits(), [1, 2, 4, 1, 2, 4].map(Duration::from_secs));
}

#[test]
fn a_seed_makes_delays_repeatable_and_without_one_they_differ() {
    let waits = |seeds: &dyn Fn(RetryBuilder) -> RetryBuilder| {
        let clock = Jumping::new();
        let retry = seeds(Retry::builder().attempts(5).clock(clock.clone())).build().unwrap();
        for _ in 0..2 {
            let _ = retry.call(|_| Err::<(), _>(Failed::from("down")), again);
        }
        clock.waits()
    };
    assert_eq!(waits(&|builder| builder.seed(17)), waits(&|builder| builder.seed(17)));
    assert_ne!(waits(&|builder| builder.seed(17)), waits(&|builder| builder.seed(18)));
    // Two programs that are started together must not come back together.
    assert_ne!(waits(&|builder| builder), waits(&|builder| builder));
    // Nor two calls of one operator that fail together.
    let both = waits(&|builder| builder.seed(17));
    assert_ne!(both[..4], both[4..]);
}

#[test]
fn the_clock_is_that_of_the_context_unless_the_retry_has_one() {
    let clock = Jumping::new();
    let retry = Retry::builder().backoff(Backoff::constant(SECOND)).build().unwrap();
    Context::builder().clock(clock.clone()).build().scope(|| {
        let _ = retry.call(|_| Err::<(), _>(Failed::from("down")), again);
    });
    assert_eq!(clock.waits(), [SECOND; 2]);
}

#[test]
fn a_panic_of_the_call_passes_through_and_leaves_the_retry_usable() {
    let clock = Jumping::new();
    let retry = seconds(&clock).budget(Budget::default().burst(1).per_second(0).ratio(0.0)).build().unwrap();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        retry.call(
            |attempt| if attempt == 1 { Err::<(), _>(Failed::from("down")) } else { panic!("boom") },
            again,
        )
    }));
    assert!(caught.is_err());
    // The retry that panicked was made, and so is spent.
    let failed = retry.call(|_| Err::<(), _>(Failed::from("down")), again).unwrap_err();
    assert_eq!(failed.exhausted_by(), Some(Exhausted::Budget));
}

#[test]
fn the_number_of_attempts_has_bounds() {
    let text = |attempts| Retry::builder().attempts(attempts).build().unwrap_err().to_string();
    assert_eq!(text(0), "retry: `attempts` is 0, and must be between 1 and 10000");
    assert_eq!(text(10_001), "retry: `attempts` is 10001, and must be between 1 and 10000");
    let longest = Retry::builder().longest_retry_after(Duration::MAX).build().unwrap_err();
    assert!(longest.to_string().contains("`longest_retry_after`"));
    assert!(Retry::builder().backoff(Backoff::default().factor(f64::NAN)).build().is_err());
    assert!(Retry::builder().budget(Budget::default().burst(0)).build().is_err());
}

#[test]
fn a_retry_is_shared_between_threads() {
    fn assert<T: Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    assert::<Retry>();
}
