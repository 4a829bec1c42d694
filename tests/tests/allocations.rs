//! A warm run of a graph whose nodes allocate nothing allocates nothing but the results of a `for`, and its items where
//! they cannot be had in place. Helpers that are called from their sleep do: so the quietest of many rounds tells.

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

#[operator]
fn own(text: String) -> String {
    std::hint::black_box(text)
}

graph! {
    fn chain(x: u64) -> u64 {
        let a = step(0, x);
        let b = step(1, a);
        step(2, b)
    }

    fn diamond(x: u64) -> u64 {
        let a = step(0, x);
        let b = step(1, a);
        let c = step(2, a);
        step(3, b ^ c)
    }

    fn fan(x: u64) -> u64 {
        let [a, b, c, d] = [step(0, x), step(1, x), step(2, x), step(3, x)];
        step(4, a ^ b ^ c ^ d)
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

    fn turns(x: u64) -> Result<u64, ember::Error> {
        let mut left = 3;
        #[at_most(4)]
        let last = loop {
            left -= 1;
            let a = step(left, x);
            let b = step(left, x);
            if left == 0 { break a ^ b }
        };
        Ok(last)
    }

    fn moved(text: String) -> (String, u64) {
        let a = own(text);
        let b = step(0, 1);
        (a, b)
    }

    /// One vector, of results.
    fn of_a_range(n: u64) -> Vec<u64> {
        for i in 0..n { step(i, i) }
    }

    /// One vector, of results.
    fn of_a_slice(values: &[u64]) -> Vec<u64> {
        for value in values { step(0, *value) }
    }

    /// One vector, of results.
    fn of_an_array(x: u64) -> Vec<u64> {
        for value in [x, x + 1, x + 2] { step(0, value) }
    }

    /// Two vectors: of items, and of results.
    fn of_an_iterator(text: &str) -> Vec<u64> {
        for byte in text.bytes() { step(0, u64::from(byte)) }
    }
}

fn keep<T>(value: T) {
    drop(std::hint::black_box(value));
}

/// The allocations of a run, at the best.
fn allocations(run: impl Fn()) -> usize {
    (0..200).for_each(|_| run());
    let rounds = (0..100).map(|_| {
        let region = Region::new(ALLOCATOR);
        run();
        region.change().allocations
    });
    rounds.min().unwrap_or(usize::MAX)
}

/// Runs each behaviour under each strategy, outside of the pool and in pools.
fn each_way(behaviour: impl Fn(&str) + Send + Sync) {
    for strategy in STRATEGIES {
        let cx = Context::builder().strategy(strategy).build();
        cx.scope(|| behaviour(&format!("{strategy:?} outside")));
        for threads in [1, 2] {
            pool(threads).install(|| cx.scope(|| behaviour(&format!("{strategy:?} in a pool of {threads}"))));
        }
    }
}

#[test]
fn a_warm_run_allocates_nothing_but_results() {
    let values: Vec<u64> = (0..1000).collect();
    let words = "the quick brown fox";
    each_way(|way| {
        let none: [(&str, &dyn Fn()); 7] = [
            ("chain", &|| keep(chain(1))),
            ("diamond", &|| keep(diamond(1))),
            ("fan", &|| keep(fan(1))),
            ("wavefront", &|| keep(wavefront(1))),
            ("nested", &|| keep(nested(1))),
            ("branches", &|| keep((branches(1).unwrap(), branches(2).unwrap()))),
            ("turns", &|| keep(turns(1).unwrap())),
        ];
        for (shape, run) in none {
            assert_eq!(allocations(run), 0, "{shape}, {way}");
        }
        assert_eq!(allocations(|| keep(moved(String::new()))), 0, "moved, {way}");
        let one: [(&str, &dyn Fn()); 3] = [
            ("range", &|| keep(of_a_range(1000))),
            ("slice", &|| keep(of_a_slice(&values))),
            ("array", &|| keep(of_an_array(1))),
        ];
        for (items, run) in one {
            assert_eq!(allocations(run), 1, "{items}, {way}");
        }
        assert!(allocations(|| keep(of_an_iterator(words))) <= 2, "iterator, {way}");
    });
}

#[test]
fn the_default_context_costs_nothing_either() {
    assert_eq!(Context::current().strategy(), None);
    assert_eq!(allocations(|| keep(nested(1))), 0);
    let cx = Context::builder().strategy(Strategy::Auto).build();
    assert_eq!(cx.scope(|| allocations(|| keep(nested(1)))), 0);
}
