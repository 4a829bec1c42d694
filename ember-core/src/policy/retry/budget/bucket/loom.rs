//! Models of the bucket: whatever threads do at the same time adds up.

use loom::sync::Arc;
use loom::thread;

use super::Bucket;

/// What is in a bucket.
fn rest(bucket: &Bucket, brought: u64) -> u64 {
    let mut rest = 0;
    while bucket.withdraw(1, brought) {
        rest += 1;
    }
    rest
}

#[test]
fn one_of_two_gets_the_last_retry() {
    loom::model(|| {
        let bucket = Arc::new(Bucket::new(3));
        let other = {
            let bucket = Arc::clone(&bucket);
            thread::spawn(move || bucket.withdraw(2, 0))
        };
        let had = bucket.withdraw(2, 0);
        assert!(had != other.join().unwrap());
        assert_eq!(rest(&bucket, 0), 1);
    });
}

#[test]
fn what_is_put_in_while_another_takes_out_is_not_lost() {
    loom::model(|| {
        let bucket = Arc::new(Bucket::new(4));
        assert!(bucket.withdraw(4, 0));
        let other = {
            let bucket = Arc::clone(&bucket);
            thread::spawn(move || bucket.deposit(2))
        };
        let had = bucket.withdraw(1, 0);
        bucket.deposit(1);
        other.join().unwrap();
        assert_eq!(rest(&bucket, 0), if had { 2 } else { 3 });
    });
}

#[test]
fn what_time_brings_counts_once_whoever_sees_it_first() {
    loom::model(|| {
        let bucket = Arc::new(Bucket::new(4));
        assert!(bucket.withdraw(4, 0));
        let other = {
            let bucket = Arc::clone(&bucket);
            thread::spawn(move || (bucket.withdraw(2, 2), bucket.deposit(1)))
        };
        let had = bucket.withdraw(2, 3);
        let (others, ()) = other.join().unwrap();
        // Three by time and one by hand.
        assert!(had || others);
        assert_eq!(rest(&bucket, 3), 4 - 2 * (u64::from(had) + u64::from(others)));
    });
}
