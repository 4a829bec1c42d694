//! What the programs of `tests/` share: a comparison with the plain function, however the graph runs.
#![forbid(unsafe_code)]

use std::fmt::Debug;

use ember::{Context, Strategy};
use rayon::ThreadPoolBuilder;

/// Runs `graph` under each strategy, in pools of one and of four threads, and compares with `expected`.
///
/// # Panics
///
/// When a run gives anything else.
pub fn same_everywhere<R: PartialEq + Debug + Send + Sync>(expected: &R, graph: impl Fn() -> R + Sync) {
    for threads in [1, 4] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool can be made");
        for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
            let cx = Context::builder().strategy(strategy).build();
            for _ in 0..8 {
                assert_eq!(&pool.install(|| cx.scope(&graph)), expected, "{strategy:?} on {threads} threads");
            }
        }
    }
    assert_eq!(&graph(), expected, "in the default context");
}
