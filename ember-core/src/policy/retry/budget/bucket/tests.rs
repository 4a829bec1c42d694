use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use proptest::prelude::*;

use super::Bucket;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time brings so much.
    Pass(u64),
    Deposit(u64),
    Withdraw(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..30_u64).prop_map(Step::Pass),
        (1..30_u64).prop_map(Step::Deposit),
        (1..30_u64).prop_map(Step::Withdraw),
    ]
}

proptest! {
    /// Beside a bucket that is simply a number, to which time and deposits add and which does not grow over its size.
    #[test]
    fn a_bucket_holds_what_an_obvious_one_holds(size in 1..100_u64, steps in prop::collection::vec(any_step(), 0..200)) {
        let bucket = Bucket::new(size);
        let (mut holds, mut brought) = (size, 0);
        for step in steps {
            match step {
                Step::Pass(units) => {
                    brought += units;
                    holds = size.min(holds + units);
                }
                Step::Deposit(units) => {
                    bucket.deposit(units);
                    holds = size.min(holds + units);
                }
                Step::Withdraw(units) => {
                    let had = bucket.withdraw(units, brought);
                    prop_assert_eq!(had, units <= holds);
                    if had {
                        holds -= units;
                    }
                }
            }
        }
    }
}

#[test]
fn r32_threads_take_out_no_more_than_there_is_and_lose_nothing_that_is_put_in() {
    let (threads, turns) = (8, 10_000);
    let bucket = Bucket::new(1_000);
    let taken = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..turns {
                    if bucket.withdraw(3, 0) {
                        taken.fetch_add(3, Ordering::Relaxed);
                        bucket.deposit(1);
                    }
                }
            });
        }
    });
    let taken = taken.into_inner();
    let mut left = 0;
    while bucket.withdraw(1, 0) {
        left += 1;
    }
    assert_eq!(left, 1_000 + taken / 3 - taken);
    assert!(left < 3);
}

#[test]
fn a_clock_that_is_behind_takes_nothing_away() {
    let bucket = Bucket::new(10);
    assert!(bucket.withdraw(10, 100));
    assert!(bucket.withdraw(10, 110));
    // Read before the others were, and used after.
    assert!(!bucket.withdraw(1, 105));
    assert!(bucket.withdraw(10, 120));
    assert!(bucket.withdraw(10, u64::MAX / 2));
    assert!(!bucket.withdraw(1, u64::MAX / 2));
}
