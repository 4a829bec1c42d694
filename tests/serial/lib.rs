//! Graphs in a build without the feature `parallel`: the same code, one thread, no rayon.
#![forbid(unsafe_code)]

use std::thread::ThreadId;

use ember::prelude::*;

/// The thread that runs the node.
#[operator]
#[must_use]
pub fn here(_: u32) -> ThreadId {
    std::thread::current().id()
}

/// Reads a number.
///
/// # Errors
///
/// If there is none.
#[operator]
pub fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    /// Where independent nodes and items run.
    pub fn threads(n: u32) -> Vec<ThreadId> {
        let a = here(n);
        let b = here(n + 1);
        let mut all = for i in 0..n { here(i) };
        all.push(a);
        all.push(b);
        all
    }

    /// The sum of two texts.
    pub fn sum(a: &str, b: &str) -> Result<u32, ember::Error> {
        let x = parse(a)?;
        let y = parse(b)?;
        Ok(x + y)
    }

    /// Where the nodes of an `async` graph run.
    pub async fn waiting_threads(n: u32) -> Vec<ThreadId> {
        let a = here_after_a_while(n).await;
        let b = here(n);
        let mut all = for i in 0..n { let first = here(i); let second = here_after_a_while(i).await; [first, second] };
        all.push([a, b]);
        all.concat()
    }
}

/// The thread that runs the node, which has waited before.
#[operator]
#[must_use]
pub async fn here_after_a_while(_: u32) -> ThreadId {
    let mut waited = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
    std::thread::current().id()
}
