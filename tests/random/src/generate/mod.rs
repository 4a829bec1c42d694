//! Makes random graphs that are valid straight-line Rust by construction.
//!
//! The compiler is not asked which of them are right: while a graph is made, `values` follows what every value
//! owns, borrows and has lost, so each line is one that the compiler takes. What the compiler takes as a plain
//! function must then compile as a graph, and give the same.
//!
//! In reading order: `tree` is what comes out, `types` and `values` are what is known of the values,
//! `forms`, `glue` and `arguments` are the tables of what can be written, `maker` fills them,
//! the constructs have a file each, and `render` and `emit` write it all down.

mod arguments;
mod body;
mod bounded;
mod branches;
mod construct;
pub mod emit;
mod fan_out;
mod forms;
mod glue;
mod maker;
mod nodes;
mod places;
mod render;
mod rng;
mod shape;
mod stories;
mod tail;
#[cfg(test)]
mod tests;
mod themes;
mod tree;
mod types;
mod values;

pub use construct::Construct;
pub use render::Text;
pub use tree::Graph;

use maker::Maker;
use rng::Rng;
use tree::{Block, Parameter};
use types::Ty;

/// The first of the seeds that every test run takes.
pub const FIRST_SEED: u64 = 1;

/// How many seeds every test run takes.
pub const COUNT: u64 = 320;

/// Of how many of them `async` graphs are made too.
pub const WAITING: u64 = 200;

/// The number of a `for` with a bound, divided by this, leaves its bound.
pub const BOUNDS: usize = 3;

/// The graph of a seed. It depends on nothing else.
pub fn generate(seed: u64) -> Graph {
    let mut rng = Rng::new(seed);
    let fallible = rng.chance(64);
    let mut nodes = 3 + rng.below(7);
    if rng.chance(50) {
        nodes += rng.below(9);
    }
    if rng.chance(10) {
        nodes += rng.below(9);
    }
    let name = seed.to_string();
    Graph { seed, ..build(rng, &name, fallible, nodes) }
}

/// A small graph that is to be a node of another.
fn generate_inner(seed: u64, name: &str, may_fail: bool) -> Graph {
    let mut rng = Rng::new(seed);
    let fallible = may_fail && rng.chance(70);
    let nodes = 2 + rng.below(3);
    build(rng, name, fallible, nodes)
}

fn build(rng: Rng, name: &str, fallible: bool, nodes: usize) -> Graph {
    let mut maker = Maker::new(rng, name, fallible, nodes);
    // Marks of graphs that run inside one another must not be mistaken for each other.
    let level =
        name.chars().filter_map(|letter| "_ab".find(letter)).fold(0, |level, digit| level * 3 + digit);
    maker.marks = level * 1000;
    let parameters = parameters(&mut maker);
    let mut body = Block::default();
    while maker.left > 0 {
        maker.statement(&mut body.statements);
    }
    let returns = maker.finish(&mut body);
    maker.see_shape();
    if shape::has_n(&body) {
        maker.see(Construct::NShape);
    }
    if maker.scope.values.iter().any(|value| !value.used) {
        maker.see(Construct::Unused);
    }
    Graph {
        seed: 0,
        name: name.to_owned(),
        parameters,
        returns,
        fallible,
        body,
        nodes: maker.nodes,
        constructs: std::mem::take(&mut maker.constructs),
        orders: maker.orders,
        inner: maker.inner,
    }
}

/// Binds the parameters: always a text, a number and a tally, sometimes another text and a list.
fn parameters(maker: &mut Maker) -> Vec<Parameter> {
    let mut parameters = vec![("p", Ty::Text, false), ("n", Ty::Num, false)];
    if maker.rng.chance(60) {
        let ty = if maker.rng.chance(50) { Ty::Text } else { Ty::Str };
        parameters.insert(1, ("q", ty, false));
    }
    if maker.rng.chance(40) {
        let mutable = maker.rng.chance(40);
        parameters.push(if mutable || maker.rng.chance(40) {
            ("xs", Ty::Num.list(), mutable)
        } else {
            ("xs", Ty::Slice, false)
        });
    }
    let tally = if maker.rng.chance(50) { Ty::Tally } else { Ty::Tally.reference() };
    parameters.push(("t", tally, false));
    for (name, ty, mutable) in &parameters {
        let id = maker.bind_as((*name).to_owned(), ty.clone(), Vec::new(), *mutable);
        let value = maker.scope.get_mut(id);
        // Every line that makes a counted value needs the tally by its name.
        value.pinned = *name == "t";
        value.used = true;
    }
    parameters.into_iter().map(|(name, ty, mutable)| Parameter { name: name.into(), ty, mutable }).collect()
}
