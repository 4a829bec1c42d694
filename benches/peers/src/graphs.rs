//! The shapes as ember graphs, written by `build/ember.rs`.

use ember::graph;

use crate::op::step;

include!(concat!(env!("OUT_DIR"), "/ember.rs"));
