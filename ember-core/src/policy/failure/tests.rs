use std::fmt;
use std::time::Duration;

use super::{Exhausted, PolicyError, Span};
use crate::Stopped;

#[derive(Debug, PartialEq, Eq)]
struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

type Failed = PolicyError<Down>;

#[test]
fn exhausted_retries_tell_their_last_attempt_and_keep_the_earlier_ones() {
    let earlier = vec![Failed::timed_out(Span::Attempt, Duration::from_secs(1))];
    let failed = Failed::exhausted(Exhausted::Attempts, Failed::from(Down).at_attempt(2), earlier, 0);
    assert_eq!(failed.to_string(), "failed after 2 attempts");
    assert_eq!((failed.attempt(), failed.operator()), (2, Some(&Down)));
    assert!(failed.earlier()[0].is_timeout() && !failed.is_timeout());
    assert_eq!(failed.into_operator().ok(), Some(Down));
}

#[test]
fn refusals_are_told_apart() {
    let open = Failed::open(Some(Duration::from_secs(3)));
    assert!(open.is_open() && open.is_rejected() && !open.is_full());
    assert_eq!(open.to_string(), "the circuit breaker is open; try again in 3s");
    let full = Failed::full("concurrency", None);
    assert!(full.is_full() && full.is_rejected() && !full.is_open());
    assert_eq!(full.to_string(), "the concurrency limit is reached");
    assert!(Failed::stopped(Stopped::Cancelled).is_cancelled());
    assert!(Failed::stopped(Stopped::DeadlineExceeded).is_timeout());
    assert!(Failed::panicked(Box::new("boom")).is_panic());
    assert!(Failed::invalid("no name").into_operator().is_err_and(|failed| failed.is_invalid()));
}
