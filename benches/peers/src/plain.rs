//! The shapes as plain functions and as lists of predecessors, written by `build/plain.rs`.

pub(crate) use self::written::*;

#[allow(clippy::all, reason = "each node is a line, as in the graph")]
mod written {
    include!(concat!(env!("OUT_DIR"), "/plain.rs"));
}
