//! Whatever the size of the pool and wherever a graph is called, it comes to its end.

use ember::prelude::*;
use ember_tests::{POOLS, STRATEGIES, everywhere, pool};
use rayon::prelude::*;

#[operator]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

/// An operator that calls the graph it is a node of.
#[operator]
fn descend(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n) }
}

/// An operator that uses the pool itself.
#[operator]
fn parallel_sum(n: u64) -> u64 {
    (0..n).into_par_iter().map(small).sum()
}

#[operator]
fn scoped(n: u64) -> u64 {
    let mut values = vec![0; 4];
    rayon::scope(|scope| {
        for value in &mut values {
            scope.spawn(move |_| *value = small(n));
        }
    });
    values.iter().sum()
}

graph! {
    fn fibonacci(n: u64) -> u64 {
        let a = descend(n - 1);
        let b = descend(n - 2);
        let c = add(a, b);
        c
    }

    fn small(n: u64) -> u64 {
        let a = add(n, 1);
        let b = add(n, 2);
        let c = add(a, b);
        c
    }

    fn deeper(n: u64) -> u64 {
        let a = small(n);
        let b = small(a);
        let c = small(n);
        let d = add(b, c);
        d
    }

    fn deepest(n: u64) -> u64 {
        let a = deeper(n);
        let b = deeper(n);
        let c = add(a, b);
        c
    }

    fn fan(n: u64) -> Vec<Vec<u64>> {
        let all = for i in 0..n { for j in 0..i { deeper(j) } };
        all
    }

    fn fan_of_fans(n: u64) -> u64 {
        let all = for i in 0..n {
            let inner = fan(i);
            let sum: u64 = inner.iter().flatten().sum();
            add(sum, i)
        };
        all.iter().sum()
    }

    fn uses_the_pool(n: u64) -> u64 {
        let a = parallel_sum(n);
        let b = scoped(n);
        let c = parallel_sum(n);
        a + b + c
    }
}

fn plain_small(n: u64) -> u64 {
    2 * n + 3
}

fn plain_deeper(n: u64) -> u64 {
    plain_small(plain_small(n)) + plain_small(n)
}

fn plain_fan_of_fans(n: u64) -> u64 {
    (0..n).map(|i| (0..i).flat_map(|j| (0..j).map(plain_deeper)).sum::<u64>() + i).sum()
}

#[test]
fn nested_graphs_complete() {
    everywhere(|_| assert_eq!(deepest(5), 2 * plain_deeper(5)));
}

#[test]
fn nested_fan_outs_complete() {
    everywhere(|_| {
        let expected: Vec<Vec<u64>> = (0..20).map(|i| (0..i).map(plain_deeper).collect()).collect();
        assert_eq!(fan(20), expected);
        assert_eq!(fan_of_fans(12), plain_fan_of_fans(12));
    });
}

#[test]
fn a_graph_may_call_itself_through_an_operator() {
    everywhere(|_| assert_eq!(fibonacci(16), 987));
}

#[test]
fn operators_may_use_the_pool_themselves() {
    everywhere(|_| {
        let sum: u64 = (0..50).map(plain_small).sum();
        assert_eq!(uses_the_pool(50), 2 * sum + 4 * plain_small(50));
    });
}

#[test]
fn graphs_run_from_a_rayon_scope() {
    for strategy in STRATEGIES {
        let cx = Context::builder().strategy(strategy).build();
        for threads in POOLS {
            let mut results = vec![0; 16];
            pool(threads).scope(|scope| {
                for (i, result) in (0..).zip(&mut results) {
                    let cx = &cx;
                    scope.spawn(move |_| *result = cx.scope(|| fan_of_fans(i)));
                }
            });
            assert_eq!(results, (0..16).map(plain_fan_of_fans).collect::<Vec<_>>());
        }
    }
}

#[test]
fn graphs_run_from_a_rayon_iterator_and_a_rayon_join() {
    for strategy in STRATEGIES {
        let cx = Context::builder().strategy(strategy).build();
        for threads in POOLS {
            pool(threads).install(|| {
                let results: Vec<u64> = (0..32u64).into_par_iter().map(|i| cx.scope(|| deepest(i))).collect();
                assert_eq!(results, (0..32).map(|i| 2 * plain_deeper(i)).collect::<Vec<_>>());
                let both = rayon::join(|| cx.scope(|| fan(9)), || cx.scope(|| fan(9)));
                assert_eq!(both.0, both.1);
            });
        }
    }
}

#[test]
fn graphs_run_from_many_threads_outside_of_the_pool() {
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(deepest(3), 2 * plain_deeper(3));
                }
            });
        }
    });
}
