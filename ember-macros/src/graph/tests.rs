//! Tests of the phases, without a compiler around.

mod soup;
