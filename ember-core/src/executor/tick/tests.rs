use std::thread;

use super::{AGAIN, begin, count, how_many, is_settled, look_again, now};

/// Counts runs until the thread has timed enough, and gives how many there were.
fn settle() -> u32 {
    let mut runs = 0;
    while !is_settled() {
        count();
        runs += 1;
        assert!(runs < 1 << 22, "never enough");
    }
    runs
}

#[test]
fn a_thread_that_has_timed_enough_times_again_at_the_next_tick_which_comes_by_itself() {
    thread::spawn(|| {
        assert!(!is_settled(), "it has timed nothing");
        for _ in 0..3 {
            settle();
            let tick = now();
            while is_settled() {
                thread::yield_now();
            }
            assert_ne!(now(), tick);
        }
        settle();
        begin();
        assert!(!is_settled());
    })
    .join()
    .unwrap();
}

#[test]
fn a_thread_looks_again_once_at_a_tick() {
    // Another tick may begin at any time.
    let looks_once = || {
        settle();
        look_again();
        let (is_settled, runs) = (is_settled(), settle());
        look_again();
        !is_settled && runs >= AGAIN && super::is_settled()
    };
    assert!((0..100).any(|_| looks_once()));
}

#[test]
fn mostly_one_or_two_runs_are_timed_and_now_and_then_hundreds() {
    const DRAWS: u32 = 100_000;
    let draws: Vec<u32> = (0..DRAWS).map(|_| how_many()).collect();
    for at_least in [1, 2, 8, 64, 512] {
        let found: u32 = draws.iter().map(|&draw| u32::from(draw >= at_least)).sum();
        let times = f64::from(found) / f64::from(DRAWS) * f64::from(at_least);
        assert!((0.7..1.3).contains(&times), "{at_least} or more: {times} times as often");
    }
    assert!(draws.iter().all(|draw| (1..=1 << 20).contains(draw)));
}
