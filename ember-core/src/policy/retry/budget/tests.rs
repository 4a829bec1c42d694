use std::time::{Duration, Instant};

use super::{Budget, Purse, Withdrawn};

/// How many retries there are.
fn spend(purse: &Purse, now: Instant) -> usize {
    std::iter::from_fn(|| purse.withdraw(|| now)).map(Withdrawn::spend).count()
}

#[test]
fn a_ratio_whose_inverse_is_no_whole_number_grants_no_more_than_it_says() {
    for (ratio, of_ten, of_thousand) in
        [(0.6, 6, 600), (0.3, 3, 300), (0.7, 7, 700), (1.5, 15, 1500), (0.001, 0, 1)]
    {
        let purse = Purse::new(Budget::default().ratio(ratio).per_second(0).burst(10_000));
        let now = Instant::now();
        spend(&purse, now);
        (0..10).for_each(|_| purse.succeeded());
        assert_eq!(spend(&purse, now), of_ten, "of 10 at {ratio}");
        (0..1000).for_each(|_| purse.succeeded());
        assert_eq!(spend(&purse, now), of_thousand, "of 1000 at {ratio}");
    }
}

#[test]
fn good_times_save_up_no_more_than_a_burst() {
    let purse = Purse::new(Budget::default());
    (0..100_000).for_each(|_| purse.succeeded());
    let start = Instant::now();
    assert_eq!(spend(&purse, start), 100);
    (0..100_000).for_each(|_| purse.succeeded());
    assert_eq!(spend(&purse, start + Duration::from_hours(24)), 100);
    assert_eq!(spend(&purse, start + Duration::from_hours(24)), 0);
}

#[test]
fn an_operator_that_never_succeeds_may_still_retry_some_times_a_second() {
    let purse = Purse::new(Budget::default().burst(1));
    let start = Instant::now();
    assert_eq!(spend(&purse, start), 1);
    let granted: usize = (1..=1000).map(|ms| spend(&purse, start + Duration::from_millis(10 * ms))).sum();
    assert_eq!(granted, 100);
}

#[test]
fn parts_of_a_second_add_up() {
    let purse = Purse::new(Budget::default().per_second(1));
    let start = Instant::now();
    spend(&purse, start);
    let granted: usize = (1..=3000).map(|ms| spend(&purse, start + Duration::from_millis(ms))).sum();
    assert_eq!(granted, 3);
}

#[test]
fn a_retry_that_is_not_made_is_given_back() {
    let purse = Purse::new(Budget::default().burst(1).per_second(0));
    let now = Instant::now();
    drop(purse.withdraw(|| now));
    assert_eq!(spend(&purse, now), 1);
    assert!(purse.withdraw(|| now).is_none());
}

#[test]
fn without_a_rate_no_clock_is_asked() {
    let purse = Purse::new(Budget::default().per_second(0));
    assert!(purse.withdraw(|| unreachable!()).is_some());
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let refused = |budget: Budget| budget.check().unwrap_err().to_string();
    for ratio in [f64::NAN, -0.1, 10.1, f64::INFINITY] {
        let text = refused(Budget::default().ratio(ratio));
        assert_eq!(text, format!("retry: `budget.ratio` is {ratio}, and must be between 0 and 10"));
    }
    assert!(refused(Budget::default().burst(0)).contains("`budget.burst` is 0"));
    assert!(refused(Budget::default().per_second(10_001)).contains("10000 at most"));
}
