//! A run in a warm pool allocates nothing, neither per node nor per run; only a part that changes threads does.

use std::alloc::System;

use ember::{Context, Strategy, graph, operator};
use ember_tests::{STRATEGIES, pool};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[operator]
fn step(n: u64, x: u64) -> u64 {
    std::hint::black_box(x.wrapping_mul(31).wrapping_add(n))
}

graph! {
    fn diamond(x: u64) -> u64 {
        let a = step(0, x);
        let b = step(1, a);
        let c = step(2, a);
        step(3, b ^ c)
    }

    fn wavefront(x: u64) -> u64 {
        let a = step(0, x);
        let b = step(1, a);
        let c = step(2, a);
        let d = step(3, b);
        let e = step(4, b ^ c);
        let f = step(5, c);
        let g = step(6, d ^ e);
        let h = step(7, e ^ f);
        let i = step(8, g ^ h);
        i
    }

    fn nested(x: u64) -> u64 {
        let a = diamond(x);
        let b = wavefront(x);
        step(0, a ^ b)
    }

    fn branches(x: u64) -> Result<u64, ember::Error> {
        let a = step(0, x);
        let b = if a % 2 == 0 { let c = step(1, a); let d = step(2, a); c ^ d } else { step(3, a) };
        let e = step(4, x);
        Ok(b ^ e)
    }
}

#[test]
fn a_warm_run_allocates_nothing() {
    for strategy in STRATEGIES {
        let context = Context::builder().strategy(strategy).build();
        for threads in [1, 2] {
            let allocations = pool(threads).install(|| {
                context.scope(|| {
                    let run = || nested(1) ^ branches(1).unwrap_or(0) ^ branches(2).unwrap_or(0);
                    (0..1000).map(|_| run()).for_each(drop);
                    // Threads that start or end meanwhile allocate too: the quietest round tells.
                    let rounds = (0..20).map(|_| {
                        let region = Region::new(ALLOCATOR);
                        (0..100).map(|_| run()).for_each(drop);
                        region.change().allocations
                    });
                    rounds.min().unwrap_or(usize::MAX)
                })
            });
            // A part that another thread takes enters the context there, which costs one small handle for the part.
            let most = if strategy == Strategy::Parallel && threads > 1 { 100 * 30 } else { 0 };
            assert!(allocations <= most, "{allocations} allocations under {strategy:?} on {threads} threads");
        }
    }
}
