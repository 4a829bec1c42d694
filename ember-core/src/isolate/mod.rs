//! Operators in a process of their own.
//!
//! What an operator with `isolate` does, it does in a *worker*: this program, started once more, which serves calls in its
//! [`init`] and never comes to the rest of its `main`. Arguments and result go through a socket, written by serde. What
//! kills the worker, be it a crash, a limit or a signal, is an [`IsolationError`](crate::policy::IsolationError) here.
//!
//! ```text
//! caller ─ order ─▶ attendant (a thread for each worker) ═ socket ═ worker: reader ─ frame ─▶ main thread, the operator
//!    ◀── answer ──     also forwards what the worker writes to stderr, and buries it
//! ```
//!
//! - `builder`, `call`: the policy, and one call through it.
//! - `pool`: the workers that are there. `attendant`: the thread that a worker has here; it starts the process, and as it
//!   stays until that is buried, the kernel may tie the life of the one to that of the other.
//! - `process`: starting, killing, and what a death means. `words`: what the runtime of a dying worker said last.
//! - `frame`, `codec`: what goes through the socket. Everything that comes from a worker is taken for hostile.
//! - `worker`, `limits`: the other side. `registry`: how it finds operators.
//!
//! A process of one's own is no sandbox: the worker has the user, the files and the network of its parent.

// Where there are no workers, much of it has no use.
#![cfg_attr(not(unix), allow(dead_code))]

mod builder;
mod codec;
mod exact;
mod frame;
mod limits;
mod registry;
mod shallow;

#[cfg(unix)]
mod attendant;
#[cfg(unix)]
mod call;
#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod pool;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod words;
#[cfg(unix)]
mod worker;

#[cfg(not(unix))]
use elsewhere as pool;

#[cfg(all(test, unix))]
mod tests;

pub use builder::{Isolation, IsolationBuilder};
pub use inventory;
pub use registry::{Entry, Harness, Name, serve};

/// Serves the calls of isolated operators, if this process was started for that, and then never returns. Else it notes that
/// it was called, and returns at once.
///
/// It must be the first line of `main`: what stands above it is done in each worker too. Without it, isolated operators fail
/// with [`IsolationError::NotInitialized`](crate::policy::IsolationError::NotInitialized). Tests with the standard harness,
/// which have no `main` of their own, say `ember::isolate::in_tests!();` instead.
pub fn init() {
    registry::note_start();
    #[cfg(unix)]
    worker::serve_if_one();
}

/// Makes isolated operators work in tests with the standard harness: adds a test in which the workers serve. Stated once
/// in a test program, at any place where functions can stand.
#[macro_export]
#[doc(hidden)]
macro_rules! __isolate_in_tests {
    () => {
        #[test]
        fn ember_isolate_worker() {
            $crate::isolate::init();
        }
        const _: () = {
            use $crate::isolate::inventory;
            $crate::isolate::inventory::submit! {
                $crate::isolate::Harness(::core::concat!(::core::module_path!(), "::ember_isolate_worker"))
            }
        };
    };
}
