//! Which failures are tried again.

use super::*;

/// How many attempts are made when each fails like this.
fn attempts(failure: impl Fn() -> Failed) -> u32 {
    let retry = seconds(&Jumping::new()).attempts(3).build().unwrap();
    let made = Cell::new(0);
    let next = |_| {
        made.set(made.get() + 1);
        Err::<(), _>(failure())
    };
    retry.call(next, again).unwrap_err();
    made.get()
}

#[test]
fn an_attempt_that_took_too_long_is_tried_again() {
    assert_eq!(attempts(|| Failed::timed_out(Span::Attempt, SECOND)), 3);
    assert_eq!(attempts(|| Failed::timed_out(Span::Node, SECOND)), 1);
}

#[test]
fn what_a_breaker_or_a_limit_turns_away_is_not_tried_again_and_does_not_touch_the_budget() {
    assert_eq!(attempts(|| Failed::open(Some(SECOND))), 1);
    assert_eq!(attempts(|| Failed::full("concurrency", None)), 1);
    let one = Budget::default().burst(1).per_second(0).ratio(0.0);
    let retry = seconds(&Jumping::new()).budget(one).build().unwrap();
    for _ in 0..10 {
        assert!(retry.call(|_| Err::<(), _>(Failed::open(None)), again).unwrap_err().is_open());
    }
    assert!(
        retry.call(|attempt| if attempt == 1 { Err(Failed::from("down")) } else { Ok(()) }, again).is_ok()
    );
}

#[test]
fn panics_values_that_are_not_valid_and_runs_that_were_stopped_are_not_tried_again() {
    assert_eq!(attempts(|| Failed::panicked(Box::new("boom"))), 1);
    assert_eq!(attempts(|| Failed::invalid("no name")), 1);
    assert_eq!(attempts(|| Failed::stopped(Stopped::Cancelled)), 1);
    assert_eq!(attempts(|| Failed::stopped(Stopped::DeadlineExceeded)), 1);
}

#[test]
fn a_failure_that_is_final_ends_the_call_and_those_before_it_are_kept() {
    let retry = seconds(&Jumping::new()).attempts(5).build().unwrap();
    let class = |failure: &&str| Class::from(*failure == "busy");
    let failed = retry.call(|_| Err::<(), _>(Failed::from("no such model")), class).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.operator()), (None, Some(&"no such model")));

    let next = |attempt| Err::<(), _>(Failed::from(if attempt == 1 { "busy" } else { "no such model" }));
    let failed = retry.call(next, class).unwrap_err();
    assert_eq!((failed.exhausted_by(), failed.attempt()), (Some(Exhausted::Final), 2));
    assert_eq!(failed.earlier()[0].operator(), Some(&"busy"));
    assert_eq!(failed.to_string(), "failed after 2 attempts, as the last failure is final");
    assert_eq!(failed.into_operator().ok(), Some("no such model"));
}

#[test]
fn a_breaker_that_opens_between_attempts_ends_the_call() {
    let retry = seconds(&Jumping::new()).attempts(5).build().unwrap();
    let next = |attempt| Err::<(), _>(if attempt == 1 { Failed::from("down") } else { Failed::open(None) });
    let failed = retry.call(next, again).unwrap_err();
    assert!(failed.is_open() && failed.is_rejected());
    assert_eq!((failed.attempt(), failed.earlier()[0].operator()), (2, Some(&"down")));
}

#[test]
fn a_failure_that_asks_to_come_back_later_is_obeyed_even_beyond_the_cap() {
    let clock = Jumping::new();
    let backoff = Backoff::exponential(SECOND).cap(SECOND * 2).full_jitter(false);
    let retry = Retry::builder().attempts(4).backoff(backoff).clock(clock.clone()).build().unwrap();
    let class = |failure: &u64| Class::RetryAfter(Duration::from_secs(*failure));
    // Longer than the backoff, shorter than it, and beyond its cap.
    let asked = [3, 1, 60];
    let next = |attempt: u32| match asked.get(attempt as usize - 1) {
        Some(seconds) => Err(PolicyError::from(*seconds)),
        None => Ok(()),
    };
    assert!(retry.call(next, class).is_ok());
    assert_eq!(clock.waits(), [3, 2, 60].map(Duration::from_secs));
}

#[test]
fn a_failure_that_asks_to_come_back_in_days_does_not_hang_the_call() {
    for (asks, waits) in [(SECOND * 60, 2), (Duration::from_millis(60_001), 0), (Duration::MAX, 0)] {
        let clock = Jumping::new();
        let retry = seconds(&clock).build().unwrap();
        let failed = retry.call(|_| Err::<(), _>(Failed::from("busy")), |_| Class::RetryAfter(asks));
        let why = if waits == 0 { Exhausted::RetryAfter } else { Exhausted::Attempts };
        assert_eq!(failed.unwrap_err().exhausted_by(), Some(why));
        assert_eq!(clock.waits().len(), waits);
    }
}

struct Plain;

enum Knows {
    Busy,
    Gone,
}

impl Retryable for Knows {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy)
    }

    fn retry_after(&self) -> Option<Duration> {
        Some(SECOND * 5)
    }
}

#[test]
#[expect(clippy::needless_borrow, reason = "as generated code writes it for every type")]
fn generated_code_asks_failures_that_know_and_tries_again_after_all_others() {
    let class = |failure: &_| (&&Pick::of(failure)).class(failure);
    assert_eq!(class(&Knows::Busy), Class::RetryAfter(SECOND * 5));
    assert_eq!((&&Pick::of(&Knows::Gone)).class(&Knows::Gone), Class::Stop);
    assert_eq!((&&Pick::of(&Plain)).class(&Plain), Class::Retry);
    assert_eq!((&&Pick::of(&"text")).class(&"text"), Class::Retry);
}

#[test]
fn the_type_of_the_failure_is_known_where_the_class_is_chosen() {
    let clock = Jumping::new();
    let retry = seconds(&clock).build().unwrap();
    let failed = retry.call(
        |attempt| Err::<(), PolicyError<Knows>>(if attempt == 1 { Knows::Busy } else { Knows::Gone }.into()),
        |failure| (&&Pick::of(failure)).class(failure),
    );
    assert_eq!(failed.unwrap_err().exhausted_by(), Some(Exhausted::Final));
    assert_eq!(clock.waits(), [SECOND * 5]);
}
