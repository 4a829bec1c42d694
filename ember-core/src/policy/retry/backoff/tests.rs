use std::time::Duration;

use fastrand::Rng;
use proptest::prelude::*;

use super::{Backoff, CAP, LONGEST};

fn delays(backoff: Backoff) -> impl FnMut(u32) -> Duration {
    let mut delays = backoff.delays(Rng::with_seed(7));
    move |failed| delays.after(failed)
}

fn time(from: Duration, to: Duration) -> impl Strategy<Value = Duration> {
    let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap();
    (nanos(from)..=nanos(to)).prop_map(Duration::from_nanos)
}

/// Any backoff that is not refused.
fn any_backoff() -> impl Strategy<Value = Backoff> {
    let nano = Duration::from_nanos(1);
    let base_and_cap = || time(nano, LONGEST).prop_flat_map(move |cap| (time(nano, cap), Just(cap)));
    let constant = (time(Duration::ZERO, LONGEST), any::<bool>())
        .prop_map(|(delay, full)| Backoff::constant(delay).full_jitter(full));
    let exponential = (base_and_cap(), 1.0..=1000.0, any::<bool>())
        .prop_map(|((base, cap), f, full)| Backoff::exponential(base).factor(f).cap(cap).full_jitter(full));
    let decorrelated = base_and_cap().prop_map(|(base, cap)| Backoff::decorrelated(base).cap(cap));
    prop_oneof![constant, exponential, decorrelated]
}

/// Small numbers of attempts and those where powers and shifts overflow, beside any.
fn any_attempt() -> impl Strategy<Value = u32> {
    let edges = prop::sample::select(vec![63, 64, 65, 1023, 1024, 1025, 1 << 31, u32::MAX - 1, u32::MAX]);
    prop_oneof![1..100_u32, edges, 1..=u32::MAX]
}

proptest! {
    #[test]
    fn r32_a_delay_is_within_its_bounds_after_any_number_of_attempts(
        backoff in any_backoff(),
        attempts in prop::collection::vec(any_attempt(), 1..20),
        seed: u64,
    ) {
        prop_assert_eq!(backoff.check(), Ok(()));
        let mut delays = backoff.delays(Rng::with_seed(seed));
        let mut before = backoff.base;
        for attempt in attempts {
            let delay = delays.after(attempt);
            prop_assert!(delay <= backoff.longest());
            if backoff.growth == super::Growth::Decorrelated {
                prop_assert!(backoff.base <= delay && delay <= before * 3);
                before = delay;
            }
        }
    }

    #[test]
    fn exponential_delays_never_shrink(backoff in any_backoff(), attempt in any_attempt()) {
        prop_assert!(backoff.grown(attempt) <= backoff.grown(attempt.saturating_add(1)));
        prop_assert!(backoff.base <= backoff.grown(attempt));
    }
}

#[test]
fn the_delay_after_the_first_attempt_is_the_base_and_each_power_is_exact() {
    let mut delay = delays(Backoff::default().full_jitter(false));
    let millis: Vec<u128> = (1..=10).map(|failed| delay(failed).as_millis()).collect();
    assert_eq!(millis, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000]);
    let mut delay = delays(Backoff::exponential(Duration::from_millis(7)).factor(1.0).full_jitter(false));
    assert_eq!([delay(1), delay(u32::MAX)], [Duration::from_millis(7); 2]);
}

#[test]
fn a_power_that_overflows_gives_the_cap_and_no_endless_or_zero_delay() {
    for factor in [2.0, 10.0, 1000.0] {
        let backoff = Backoff::exponential(Duration::from_secs(2)).factor(factor).full_jitter(false);
        for failed in [64, 65, 1024, 1025, 1 << 31, u32::MAX] {
            assert_eq!(delays(backoff)(failed), CAP);
        }
    }
}

#[test]
fn jitter_does_not_add_to_a_delay_that_is_capped() {
    let backoff = Backoff::default();
    let mut delay = delays(backoff);
    let seen: Vec<Duration> = (0..1000).map(|_| delay(40)).collect();
    assert!(seen.iter().all(|delay| *delay <= CAP));
    // All of the range is used: not a little beside the cap, which would let everybody come at once.
    for tenth in 0..10 {
        let range = CAP / 10 * tenth..CAP / 10 * (tenth + 1);
        let inside = seen.iter().filter(|delay| range.contains(delay)).count();
        assert!((60..150).contains(&inside), "{inside} of 1000 delays are in {range:?}");
    }
}

#[test]
fn decorrelated_delays_do_not_get_stuck_at_the_cap() {
    let mut delay = delays(Backoff::decorrelated(Duration::from_millis(10)).cap(Duration::from_secs(1)));
    let late: Vec<Duration> = (1..=200).map(&mut delay).skip(100).collect();
    assert!(late.iter().any(|delay| *delay < Duration::from_millis(500)));
    assert!(late.iter().any(|delay| *delay > Duration::from_millis(500)));
}

#[test]
fn a_constant_delay_has_no_jitter_unless_asked_for() {
    let second = Duration::from_secs(1);
    let mut delay = delays(Backoff::constant(second));
    assert_eq!([delay(1), delay(2), delay(u32::MAX)], [second; 3]);
    let mut delay = delays(Backoff::constant(second).full_jitter(true));
    assert!((1..20).any(|failed| delay(failed) < second));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let (second, day) = (Duration::from_secs(1), Duration::from_hours(24));
    let refused = |backoff: Backoff| backoff.check().unwrap_err().to_string();
    for factor in [f64::NAN, f64::INFINITY, 0.0, -2.0, 0.99, 1000.1] {
        let text = refused(Backoff::exponential(second).factor(factor));
        assert_eq!(text, format!("retry: `factor` is {factor:?}, and must be between 1 and 1000"));
    }
    assert_eq!(
        refused(Backoff::exponential(Duration::ZERO)),
        "retry: `base` is 0ns, and must be more than zero"
    );
    assert_eq!(
        refused(Backoff::decorrelated(second * 31)),
        "retry: `base` is 31s, and must be no more than the cap"
    );
    assert_eq!(
        refused(Backoff::default().cap(day * 2)),
        "retry: `cap` is 172800s, and must be a day at most"
    );
    assert_eq!(
        refused(Backoff::constant(Duration::MAX)),
        "retry: `delay` is 18446744073709551615.999999999s, and must be a day at most"
    );
    assert!(refused(Backoff::constant(second).cap(day)).contains("left out where the delay is constant"));
    assert!(
        refused(Backoff::constant(second).factor(2.0)).contains("left out unless the delay is exponential")
    );
    assert!(refused(Backoff::decorrelated(second).full_jitter(true)).contains("left out where the delay is"));
}
