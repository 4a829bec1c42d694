use std::thread;

use super::{begin, count, how_many, is_settled, now};

/// Counts runs until the thread has timed enough, and gives how many there were.
fn settle() -> u32 {
    let mut runs = 0;
    while !is_settled() {
        count();
        runs += 1;
        assert!(runs < 1_000_000, "never enough");
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
fn mostly_one_or_two_runs_are_timed_and_now_and_then_hundreds() {
    const DRAWS: u32 = 100_000;
    let draws: Vec<u32> = (0..DRAWS).map(|_| how_many()).collect();
    for at_least in [1, 2, 8, 64, 200] {
        let share = draws.iter().filter(|&&draw| draw >= at_least).count() as f64 / f64::from(DRAWS);
        let times = share * f64::from(at_least);
        assert!((0.7..1.3).contains(&times), "{at_least} or more: {times} times as often");
    }
    assert!(draws.iter().all(|draw| (1..256).contains(draw)));
}
