//! Operators that wait for an `async` graph, on the very threads that its calls want.

use std::time::{Duration, Instant};

use ember::Runtime;
use ember::prelude::*;
use ember_tests::{Minute, STRATEGIES};
use tokio::runtime::Builder;

/// Works for so long that it goes to the pool.
#[operator]
fn work(n: u64) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(30) {}
    n + 1
}

fn block_on<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().build().expect("a runtime can be made").block_on(future)
}

#[operator]
fn wait_for_inner(n: u64) -> u64 {
    block_on(inner(n))
}

graph! {
    async fn inner(n: u64) -> u64 {
        let a = work(n);
        let b = work(n);
        let c = work(a + b);
        c
    }

    async fn outer(n: u64) -> u64 {
        let a = wait_for_inner(n);
        let b = wait_for_inner(n + 1);
        let c = wait_for_inner(n + 2);
        a + b + c
    }

    fn plain_outer(n: u64) -> u64 {
        let a = wait_for_inner(n);
        let b = wait_for_inner(n + 1);
        let c = wait_for_inner(n + 2);
        a + b + c
    }
}

/// Runs graphs whose operators take all threads of the pool, and wait there for calls of the graph inside.
#[test]
fn the_calls_of_a_graph_that_an_operator_waits_for_stay_with_it() {
    let _minute = Minute::begin();
    for strategy in STRATEGIES {
        for threads in [1, 2] {
            let runtime =
                Runtime::builder().threads(threads).strategy(strategy).build().expect("it can be made");
            runtime.scope(|| {
                for n in 0..50 {
                    assert_eq!(block_on(outer(n)), 6 * n + 15, "{strategy:?}");
                    assert_eq!(plain_outer(n), 6 * n + 15, "{strategy:?}");
                }
            });
        }
    }
}
