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
}
