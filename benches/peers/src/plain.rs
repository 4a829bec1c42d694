//! The shapes as plain functions and as lists of predecessors, written by `build/plain.rs`.

include!(concat!(env!("OUT_DIR"), "/plain.rs"));
