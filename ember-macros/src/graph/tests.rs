//! Tests of the phases, without a compiler around.

mod editor;
mod soup;
