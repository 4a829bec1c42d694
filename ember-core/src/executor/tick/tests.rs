use std::thread;
use std::time::{Duration, Instant};

use super::{AGAIN, DEMAND, begin, how_many, is_settled, now, time, timed};

/// Counts runs until the thread has timed enough, and gives how many there were.
fn settle() -> u32 {
    let mut runs = 0;
    while !is_settled() {
        time();
        timed(false);
        runs += 1;
        assert!(runs < 1 << 22, "never enough");
    }
    runs
}

fn wait_while(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        thread::yield_now();
    }
}

/// Sees that the thread is to time again after a while.
fn see_a_tick() {
    settle();
    let tick = now();
    wait_while("no tick comes", is_settled);
    assert_ne!(now(), tick);
}

#[test]
fn a_thread_that_has_timed_enough_times_again_at_the_next_tick_which_comes_by_itself() {
    thread::spawn(|| {
        assert!(!is_settled(), "it has timed nothing");
        (0..3).for_each(|_| see_a_tick());
        settle();
        begin();
        assert!(!is_settled());
    })
    .join()
    .unwrap();
}

#[test]
fn the_thread_that_counts_ends_when_nobody_asks_and_comes_again() {
    for _ in 0..2 {
        see_a_tick();
        // Tests beside this one may ask too.
        wait_while("the thread stays", || DEMAND.lock().unwrap().met_in.is_some());
    }
}

#[test]
fn a_thread_looks_again_once_at_a_tick() {
    // Another tick may begin at any time.
    let looks_once = || {
        settle();
        timed(true);
        let (is_settled, runs) = (is_settled(), settle());
        timed(true);
        !is_settled && runs >= AGAIN && super::is_settled()
    };
    assert!((0..100).any(|_| looks_once()));
}

#[test]
fn no_run_is_timed_inside_of_one_that_is() {
    let inside = || {
        settle();
        begin();
        time();
        let inside = is_settled();
        timed(false);
        (inside, is_settled())
    };
    // Another tick may begin at any time, and another thread be asking for one.
    assert!((0..100).any(|_| inside() == (true, false)));
}

#[test]
fn mostly_two_or_three_runs_are_timed_and_now_and_then_hundreds() {
    const DRAWS: u32 = 100_000;
    let draws: Vec<u32> = (0..DRAWS).map(|_| how_many()).collect();
    for least in [1, 2, 8, 64, 512] {
        let found: u32 = draws.iter().map(|&draw| u32::from(draw > least)).sum();
        let times = f64::from(found) / f64::from(DRAWS) * f64::from(least);
        assert!((0.7..1.3).contains(&times), "more than {least}: {times} times as often");
    }
    assert!(draws.iter().all(|draw| (2..=1 << 20).contains(draw)));
}
