//! Random graphs, each beside the plain function with the same lines.
//!
//! A graph means what its lines mean as an ordinary function. This package checks that promise on graphs that
//! nobody thought of: [`generate`] makes a graph from a seed, the build script writes some hundred of them, and
//! the test `agree` runs each as the graph and as the function, on several inputs, under every strategy and on
//! pools of several sizes. Of many it also makes `async` graphs, whose operators wait for some turns (the test `waiting`).
//!
//! - `EMBER_RANDOM_SEED` and `EMBER_RANDOM_COUNT` choose other seeds than those of every run.
//! - `EMBER_RANDOM_PLAIN=1` puts the plain function in the graph's place. What still fails is the generator's
//!   fault.
//! - `cargo run -p ember-random-graphs --bin coverage` counts what the graphs are made of, and with a seed as
//!   its argument prints that graph.

#![forbid(unsafe_code)]

pub mod agree;
pub mod generate;
pub mod ops;
pub mod waiting;
