//! What a graph looks like: the constant description that `graph!` writes beside the code, and the
//! pictures drawn from it.
//!
//! The crate stands apart from the runtime because both sides need it: the runtime hands descriptions
//! to users, and the macros draw the same pictures into a graph's documentation while they expand.
//!
//! A [`Description`] is data without checks: every function here also takes a malformed one. A parent that is
//! no earlier node, and an edge whose ends do not exist or that closes a cycle, count as absent.
#![forbid(unsafe_code)]

mod analysis;
mod description;
mod picture;
mod policies;
mod structure;
mod svg;

pub use description::{Access, Description, Edge, Input, Kind, Node, Source};
pub use policies::Policy;
