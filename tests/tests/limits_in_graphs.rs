//! Operators under limits: wherever their calls wait, all come to their end.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use ember::prelude::*;
use ember_core::policy::{Concurrency, PolicyError};
use ember_tests::{POOLS, STRATEGIES, everywhere, pool};

type Answer<T> = Result<T, PolicyError<String>>;

/// Works for so many microseconds.
fn work(micros: u64) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
    micros
}

static WHOLE: LazyLock<Concurrency> = LazyLock::new(|| Concurrency::builder().permits(1).build().unwrap());
static PIECE: LazyLock<Concurrency> = LazyLock::new(|| Concurrency::builder().permits(1).build().unwrap());

#[operator]
fn free(i: u64) -> u64 {
    work(10 + i % 5)
}

#[operator]
fn piece(i: u64) -> u64 {
    PIECE.call(|| Answer::Ok(work(20 + i % 3))).unwrap()
}

/// Holds a permit while a graph runs, whose parts wait for permits of another limit.
#[operator]
fn whole(i: u64) -> u64 {
    WHOLE.call(|| Answer::Ok(inner(4 + i % 3))).unwrap()
}

graph! {
    fn inner(n: u64) -> u64 {
        let pieces = for i in 0..n { piece(i) };
        let others = for i in 0..n { free(i) };
        let one = free(n);
        pieces.len() as u64 + others.len() as u64 + one / one
    }

    fn outer(n: u64) -> u64 {
        let items = for i in 0..n { whole(i) };
        let others = for i in 0..n { free(i) };
        let one = whole(3);
        let another = whole(4);
        items.iter().sum::<u64>() + others.len() as u64 + one + another
    }
}

/// Threads of the pool wait for permits while others hold them in graphs, whose parts the same threads may take up; and
/// rayon starts whole graphs on the stacks of threads that wait in joins.
#[test]
fn r30_calls_that_hold_permits_end_wherever_others_wait() {
    let expected = outer(6);
    let run = |strategy| {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(|| outer(6)), expected);
    };
    for threads in POOLS {
        let pool = pool(threads);
        for strategy in STRATEGIES {
            for _ in 0..4 {
                pool.scope(|scope| (0..3).for_each(|_| scope.spawn(move |_| run(strategy))));
                thread::scope(|scope| {
                    scope.spawn(|| run(strategy));
                    for _ in 0..2 {
                        scope.spawn(|| pool.install(|| rayon::join(|| run(strategy), || run(strategy))));
                    }
                });
            }
        }
    }
    assert_eq!((WHOLE.in_use(), WHOLE.waiting(), WHOLE.refused()), (0, 0, 0));
}

static SUM: LazyLock<Concurrency> = LazyLock::new(|| Concurrency::builder().permits(1).build().unwrap());

/// Waits in rayon by itself while it holds the permit. What it waits for waits for nothing in turn: else that could be
/// buried under another call that waits for the permit, as under a lock.
#[operator]
fn sum(n: u64) -> u64 {
    SUM.call(|| {
        let (first, second) = rayon::join(|| work(10 * n), || work(10 * n));
        Answer::Ok(first + second)
    })
    .unwrap()
}

graph! {
    fn sums(n: u64) -> u64 {
        let items = for i in 0..n { sum(8 + i) };
        let one = sum(9);
        let another = sum(10);
        items.iter().sum::<u64>() + one + another
    }
}

/// A thread that waits in such an operator takes up no part of the graph, which would wait for the permit.
#[test]
fn r30_an_operator_under_a_limit_may_use_rayon() {
    let expected = sums(6);
    everywhere(|_| {
        for _ in 0..10 {
            assert_eq!(sums(6), expected);
        }
    });
    assert_eq!((SUM.in_use(), SUM.waiting(), SUM.refused()), (0, 0, 0));
}

static COUNTED: LazyLock<Concurrency> = LazyLock::new(|| Concurrency::builder().permits(2).build().unwrap());
static INSIDE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[operator]
fn counted(i: u64) -> u64 {
    let call = || {
        MOST.fetch_max(INSIDE.fetch_add(1, SeqCst) + 1, SeqCst);
        work(30);
        INSIDE.fetch_sub(1, SeqCst);
        Answer::Ok(i)
    };
    COUNTED.call(call).unwrap()
}

graph! {
    fn many(n: u64) -> Vec<u64> {
        for i in 0..n { counted(i) }
    }
}

#[test]
fn r30_at_most_so_many_calls_at_once() {
    everywhere(|_| assert_eq!(many(40), (0..40).collect::<Vec<_>>()));
    assert!(MOST.load(SeqCst) <= 2);
    assert_eq!((COUNTED.in_use(), COUNTED.waiting(), COUNTED.refused()), (0, 0, 0));
}
