//! What compiles as a plain function compiles as an `async` graph, and gives the same under every strategy. Dropped at any
//! time, it drops each of its values once.

use ember::{Context, Strategy};
use ember_random_graphs::agree::inputs;

mod graphs {
    include!(concat!(env!("OUT_DIR"), "/waiting.rs"));
}

fn report(failures: &[String], what: &str) {
    let shown = failures.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} failures {what}, the first of them:\n{shown}", failures.len());
}

fn agree(strategy: Strategy) {
    let inputs = inputs();
    let mut failures = Vec::new();
    for waiting in graphs::MODULES.iter().copied().flatten() {
        for input in inputs.iter().flat_map(|input| [input; 2]) {
            let cx = Context::builder().strategy(strategy).build();
            if let Err(what) = waiting.case.check(input, |run| cx.scope(run)) {
                failures.push(what);
                break;
            }
        }
    }
    report(&failures, &format!("under {strategy:?}"));
}

#[test]
fn there_are_enough_graphs() {
    let count = graphs::MODULES.iter().copied().flatten().count();
    assert!(std::env::var_os("EMBER_RANDOM_COUNT").is_some() || count >= 150, "{count} graphs");
}

#[test]
fn sequential_graphs_agree_with_plain_functions() {
    agree(Strategy::Sequential);
}

#[test]
fn graphs_agree_with_plain_functions() {
    agree(Strategy::Auto);
}

#[test]
fn graphs_that_send_all_calls_to_the_pool_agree_with_plain_functions() {
    agree(Strategy::Parallel);
}

#[test]
fn r15_a_future_that_is_dropped_after_any_poll_drops_each_value_once() {
    let mut failures = Vec::new();
    for waiting in graphs::MODULES.iter().copied().flatten() {
        for input in &inputs() {
            for polls in 0..64 {
                match waiting.drop_after(polls, input) {
                    Ok(false) => {}
                    Ok(true) => break,
                    Err(what) => {
                        failures.push(what);
                        break;
                    }
                }
            }
        }
    }
    report(&failures, "after drops");
}
