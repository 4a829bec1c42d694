//! What the tests of the live page share: a browser, and a program worth looking at.

pub mod browser;
pub mod many;
pub mod program;
pub mod setup;
