//! `Strategy::Auto` measures, chooses, and tells what it chose.

use std::collections::HashSet;
use std::hint::black_box;
use std::thread::{ThreadId, current};

use ember::prelude::*;
use ember::{Explanation, Reason};
use ember_tests::pool;

/// Makes a number of steps that no compiler can skip.
#[operator]
fn work(n: u64, steps: u32) -> (u64, ThreadId) {
    let value = (0..steps).fold(n, |x, _| black_box((x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    (value, current().id())
}

#[operator]
fn one(n: u64) -> u64 {
    black_box(n + 1)
}

// Each test has graphs of its own: what is measured is of the process.
graph! {
    fn alone(n: u64) -> u64 {
        let a = one(n);
        one(a)
    }

    fn tiny(n: u64) -> u64 {
        let a = one(n);
        let b = one(n);
        a + b
    }

    fn asked(n: u64) -> u64 {
        let a = one(n);
        let b = one(n);
        a + b
    }

    fn fresh(n: u64) -> u64 {
        let a = one(n);
        let b = one(n);
        a + b
    }

    fn items(n: u64) -> Vec<u64> {
        for i in 0..n { one(i) }
    }

    fn wide(steps: u32) -> [(u64, ThreadId); 4] {
        let a = work(1, steps);
        let b = work(2, steps);
        let c = work(3, steps);
        let d = work(4, steps);
        [a, b, c, d]
    }

    fn growing(steps: u32) -> [(u64, ThreadId); 2] {
        let a = work(1, steps);
        let b = work(2, steps);
        [a, b]
    }

    fn grown(steps: u32) -> (u64, u64) {
        let a = work(1, steps);
        let b = work(2, steps);
        (a.0, b.0)
    }

    fn crowd(n: u64, steps: u32) -> Vec<(u64, ThreadId)> {
        for i in 0..n { work(i, steps) }
    }
}

/// About a tenth of a millisecond, and more in a build for debugging.
const LONG: u32 = 100_000;
/// More runs than any choice may take to be revised.
const MANY: usize = 2_000;

/// Whether some run uses more than one thread.
fn spreads<const N: usize>(run: impl Fn() -> [(u64, ThreadId); N]) -> bool {
    (0..MANY).any(|_| run().iter().map(|(_, thread)| *thread).collect::<HashSet<_>>().len() > 1)
}

/// Whether the machine lets two threads work.
fn has_helpers() -> bool {
    rayon::current_num_threads() > 1
}

#[test]
fn r01_auto_is_the_default_and_the_way_taken_can_be_asked_for() {
    assert_eq!(Strategy::default(), Strategy::Auto);
    assert_eq!(Context::current().strategy(), None);
    let before = fresh::explain();
    assert_eq!((before.strategy(), before.reason()), (Strategy::Auto, Reason::NotMeasured));
    assert_eq!((before.in_order(), before.in_parallel()), (None, None));
    assert_eq!(
        before.to_string().lines().next().unwrap(),
        "fresh decides while it runs: not measured yet, so it starts in order"
    );
}

#[test]
fn r01_a_strategy_that_was_asked_for_is_the_one_taken() {
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let cx = Context::builder().strategy(strategy).build();
        cx.scope(|| {
            assert_eq!(asked(1), 4);
            let explained = asked::explain();
            assert_eq!((explained.strategy(), explained.reason()), (strategy, Reason::Asked));
        });
    }
    assert_eq!(asked::explain().in_order(), None, "only runs under Auto are measured");
}

#[test]
fn r01_a_graph_that_has_one_way_says_so() {
    let explained: Explanation = alone::explain();
    assert_eq!((explained.strategy(), explained.reason()), (Strategy::Sequential, Reason::OnlyWay));
    assert_eq!(explained.description().name, "alone");
}

#[test]
fn a_tiny_graph_takes_the_straight_line() {
    let found = (0..MANY).any(|n| {
        assert_eq!(tiny(n as u64), 2 * n as u64 + 2);
        tiny::explain().reason() == Reason::Tiny
    });
    assert!(found, "{}", tiny::explain());
    let explained = tiny::explain();
    assert!(explained.in_order().is_some());
    assert!(explained.to_string().starts_with("tiny runs in order: it is over before another thread"));
}

#[test]
fn a_graph_with_loops_decides_while_it_runs() {
    assert_eq!(items(3), [1, 2, 3]);
    assert!(items(0).is_empty());
    assert_eq!(items::explain().reason(), Reason::Varies);
}

#[test]
fn a_long_graph_uses_the_pool() {
    if has_helpers() {
        assert!(spreads(|| wide(LONG)), "{}", wide::explain());
        let explained = wide::explain();
        let names: Vec<&str> = explained.nodes().map(|(node, _)| node.path).collect();
        assert!(names.is_empty() || names == ["a", "b", "c", "d"], "{names:?}");
    }
}

#[test]
fn a_long_graph_uses_the_pool_that_it_is_called_in() {
    let pool = pool(2);
    assert!(pool.install(|| spreads(|| wide(LONG))));
}

#[test]
fn a_graph_that_was_tiny_and_becomes_long_is_noticed() {
    (0..MANY).for_each(|_| {
        black_box(growing(1));
    });
    if has_helpers() {
        assert!(spreads(|| growing(LONG)), "{}", growing::explain());
    }
}

/// However many runs it had that were tiny: it is timed again when some time has passed.
#[test]
fn a_graph_that_was_tiny_and_becomes_long_is_noticed_within_a_few_long_runs() {
    (0..MANY).for_each(|_| {
        black_box(grown(1));
    });
    assert_eq!(grown::explain().reason(), Reason::Tiny);
    let noticed = (0..60).any(|_| {
        black_box(grown(10 * LONG));
        grown::explain().reason() != Reason::Tiny
    });
    assert!(noticed, "{}", grown::explain());
}

#[test]
fn a_long_for_uses_the_pool_at_once() {
    for n in [0, 1, 2, 1000] {
        let results = crowd(n, 10);
        assert!(results.iter().zip(0..n).all(|((value, _), i)| *value == work(i, 10).0));
    }
    if has_helpers() {
        let spread =
            (0..MANY).any(|_| crowd(8, LONG).iter().map(|(_, id)| *id).collect::<HashSet<_>>().len() > 1);
        assert!(spread);
    }
}
