//! What compiles as a plain function compiles as an `async` graph, and gives the same under every strategy. Dropped at any
//! time, it drops each of its values once.

use std::time::Duration;

use ember::Strategy;
use ember_random_graphs::agree::inputs;
use tokio::runtime::{Builder, Runtime};

mod graphs {
    include!(concat!(env!("OUT_DIR"), "/waiting.rs"));
}

fn report(failures: &[String], what: &str) {
    let shown = failures.iter().take(3).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} failures {what}, the first of them:\n{shown}", failures.len());
}

/// A runtime whose clock is paused.
fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime can be made")
}

fn agree(strategy: Strategy) {
    let inputs = inputs();
    // For the timers of hedges, which nobody drives.
    let runtime = runtime();
    let _inside = runtime.enter();
    let mut failures = Vec::new();
    for waiting in graphs::MODULES.iter().copied().flatten() {
        for input in inputs.iter().flat_map(|input| [input; 2]) {
            if let Err(what) = waiting.check(input, strategy) {
                failures.push(what);
                break;
            }
        }
    }
    report(&failures, &format!("under {strategy:?}"));
}

/// The same in a runtime, which polls when it is woken only, and with operators that sleep by its clock.
fn agree_by_the_clock(strategy: Strategy) {
    let runtime = runtime();
    let mut failures = Vec::new();
    for waiting in graphs::MODULES.iter().copied().flatten() {
        let checked =
            inputs().iter().try_for_each(|input| waiting.check_by_the_clock(input, &runtime, strategy));
        failures.extend(checked.err());
    }
    report(&failures, &format!("by the clock under {strategy:?}"));
}

#[test]
fn there_are_enough_graphs() {
    let own_seeds = std::env::var_os("EMBER_RANDOM_COUNT").is_some();
    for (part, enough) in [("", 150), ("race!(", 20), ("#[hedge(", 60), ("#[concurrency(", 40)] {
        let graphs = graphs::MODULES.iter().copied().flatten();
        let count = graphs.filter(|waiting| waiting.case.source.contains(part)).count();
        assert!(own_seeds || count >= enough, "{count} graphs with `{part}`");
    }
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
fn sequential_graphs_that_sleep_agree_with_plain_functions() {
    agree_by_the_clock(Strategy::Sequential);
}

#[test]
fn graphs_that_sleep_agree_with_plain_functions() {
    agree_by_the_clock(Strategy::Auto);
}

#[test]
fn graphs_that_sleep_and_send_all_calls_to_the_pool_agree_with_plain_functions() {
    agree_by_the_clock(Strategy::Parallel);
}

fn agree_until_cancelled(strategy: Strategy) {
    let runtime = runtime();
    let (mut failures, mut cancelled) = (Vec::new(), 0);
    for waiting in graphs::MODULES.iter().copied().flatten() {
        for (n, input) in (0..).zip(&inputs()) {
            let after = Duration::from_millis((waiting.case.seed * 7 + n * 13) % 60);
            match waiting.check_cancelled(input, &runtime, strategy, after) {
                Ok(is_cancelled) => cancelled += usize::from(is_cancelled),
                Err(what) => failures.push(what),
            }
        }
    }
    report(&failures, &format!("after `cancel()` under {strategy:?}"));
    assert!(cancelled >= 100, "only {cancelled} runs were cancelled");
}

#[test]
fn sequential_graphs_that_are_cancelled_agree_until_then() {
    agree_until_cancelled(Strategy::Sequential);
}

#[test]
fn graphs_that_are_cancelled_agree_until_then() {
    agree_until_cancelled(Strategy::Auto);
}

#[test]
fn graphs_that_are_cancelled_while_the_pool_works_agree_until_then() {
    agree_until_cancelled(Strategy::Parallel);
}

#[test]
fn r15_a_future_that_is_dropped_after_any_poll_drops_each_value_once() {
    let mut failures = Vec::new();
    let runtime = runtime();
    let _inside = runtime.enter();
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
