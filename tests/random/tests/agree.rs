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
    for threads in [1, 2, 8] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("the machine has threads");
        for case in graphs::MODULES.iter().copied().flatten() {
            for input in inputs.iter().flat_map(|input| [input; TIMES]) {
                let checked = case.check(input, |run| {
                    pool.install(|| Context::builder().strategy(strategy).build().scope(run))
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
