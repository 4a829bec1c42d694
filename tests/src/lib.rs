//! What the behaviour tests share: every way to run a graph, and values that tell when they are dropped.
#![forbid(unsafe_code)]

mod gate;
mod ledger;
pub mod metered;
mod minute;
pub mod traces;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::process::Command;
use std::sync::Once;

use ember::{Context, Strategy};
use rayon::{ThreadPool, ThreadPoolBuilder};

pub use gate::Gate;
pub use ledger::{Ledger, Loan, Tracked};
pub use minute::Minute;

/// The sizes of pool that a behaviour must not depend on.
pub const POOLS: [usize; 3] = [1, 2, 8];

/// All strategies.
pub const STRATEGIES: [Strategy; 3] = [Strategy::Sequential, Strategy::Parallel, Strategy::Auto];

/// A pool of its own, so that nodes that wait for each other cannot be starved by another test.
///
/// # Panics
///
/// When the system has no thread left.
pub fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool can be made")
}

/// Runs a behaviour under each strategy, outside of any pool and in pools of 1, 2 and 8 threads.
pub fn everywhere(behaviour: impl Fn(Strategy) + Send + Sync) {
    quiet();
    for strategy in STRATEGIES {
        let cx = Context::builder().strategy(strategy).build();
        cx.scope(|| behaviour(strategy));
        for threads in POOLS {
            pool(threads).install(|| cx.scope(|| behaviour(strategy)));
        }
    }
}

/// Runs a behaviour in parallel in a pool of so many threads.
pub fn in_parallel<R: Send>(threads: usize, behaviour: impl FnOnce() -> R + Send) -> R {
    quiet();
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    pool(threads).install(|| cx.scope(behaviour))
}

/// Runs an `async` graph to its end, in a pool of two threads and with a clock that is paused.
///
/// # Panics
///
/// When the system has no thread left.
pub fn run<F: Future>(strategy: Strategy, graph: impl FnOnce() -> F + Send) -> F::Output
where
    F::Output: Send,
{
    let cx = Context::builder().strategy(strategy).build();
    pool(2).install(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime can be made");
        runtime.block_on(cx.scope(graph))
    })
}

/// Sends a signal, `SIGKILL`, to a process.
///
/// # Panics
///
/// When there is no command `kill`.
pub fn kill(signal: &str, process: u32) {
    let mut kill = Command::new("kill");
    let sent = kill.args(["-s", signal.trim_start_matches("SIG"), &process.to_string()]).status();
    sent.expect("there is a command `kill`");
}

/// The message of the panic that a function ends in.
///
/// # Panics
///
/// When the function does not panic, or its payload is no text.
pub fn message_of<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("expected a panic") };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("a text payload")).to_owned(),
    }
}

/// Keeps panics that say they happen on purpose, or say nothing, out of the tests' output.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = take_hook();
        set_hook(Box::new(move |info| match info.payload_as_str() {
            Some(text) if !text.contains("on purpose") => report(info),
            _ => {}
        }));
    });
}
