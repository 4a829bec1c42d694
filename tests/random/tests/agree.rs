//! What compiles as a plain function compiles as a graph, and gives the same under every strategy, on pools of
//! every size, as often as it is run.

use ember::{Context, Strategy};
use ember_random_graphs::agree::inputs;
use rayon::ThreadPoolBuilder;

mod graphs {
    include!(concat!(env!("OUT_DIR"), "/graphs.rs"));
}

/// Races show now and then only.
const TIMES: usize = 3;

fn agree(strategy: Strategy) {
    let inputs = inputs();
    let mut failures = Vec::new();
    // Outside of any pool, where the caller takes part and threads of the global one help, and in pools.
    for threads in [0, 1, 2, 8] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("the machine has threads");
        for case in graphs::MODULES.iter().copied().flatten() {
            for input in inputs.iter().flat_map(|input| [input; TIMES]) {
                let cx = Context::builder().strategy(strategy).build();
                let checked = case.check(input, |run| {
                    if threads == 0 { cx.scope(run) } else { pool.install(|| cx.scope(run)) }
                });
                if let Err(what) = checked {
                    failures.push(format!("on {threads} threads, {what}"));
                    break;
                }
            }
        }
    }
    let shown = failures.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(
        failures.is_empty(),
        "{} failures under {strategy:?}, the first of them:\n{shown}",
        failures.len()
    );
}

#[test]
fn sequential_graphs_agree_with_plain_functions() {
    agree(Strategy::Sequential);
}

#[test]
fn parallel_graphs_agree_with_plain_functions() {
    agree(Strategy::Parallel);
}

#[test]
fn graphs_that_choose_their_way_agree_with_plain_functions() {
    agree(Strategy::Auto);
}
