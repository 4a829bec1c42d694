//! The parts of the `codebase` example: a survey of a folder of sources.
//!
//! Read [`survey`] first: it holds the graphs. Every other module is one operator, or the value that passes
//! between two of them, in the order in which a run meets them.

pub mod survey;

pub mod limits;
pub mod walk;

pub mod analyse;
mod fingerprint;
mod functions;
pub mod identifiers;
// Lists of words, which would take a line each.
#[rustfmt::skip]
mod keywords;
pub mod language;
mod language_table;
pub mod languages;
mod load;
pub mod scan;

pub mod duplicates;
mod suffixes;

pub mod report;

pub mod cli;
pub mod progress;
mod render;
mod table;

pub use functions::{Function, longest_of};
pub use load::load;
pub use render::{Look, render};
