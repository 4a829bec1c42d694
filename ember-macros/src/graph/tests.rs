//! Tests of the phases, without a compiler around.

mod ahead;
mod editor;
mod soup;
