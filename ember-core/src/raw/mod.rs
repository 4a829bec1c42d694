//! The one room with unsafe code.
//!
//! | module | what it makes safe |
//! |---|---|
//! | [`slot`] | values written once by one task and read or taken by others |
//! | [`board`] | a run on one thread's stack that threads of the pool help with |
//! | [`job`] | a call that borrows from a run, run by another thread |
//! | [`wakes`] | the wakers of many futures in one allocation |
//! | [`lazy`] | futures that are made where they stay, in the place of what makes them |
//! | [`pinned`] | futures that stay where they were put, several in one allocation |
//! | [`sent`] | futures of graphs inside of graphs, that may cross threads |
//! | [`crossing`] | the items of a `for` and their results, each touched by whoever claimed it |
//! | [`places`] | places for the values of a batch, each filled by whoever claimed it |
//! | [`prefetch`] | hints to the processor, which change nothing but time |
//!
//! Every block says why it is sound; loom models the protocols, and Miri runs the tests.
#![expect(unsafe_code, reason = "the one room with unsafe code; each block says why it is sound")]

pub(crate) mod board;
pub mod crossing;
pub(crate) mod job;
pub(crate) mod lazy;
pub(crate) mod pinned;
pub(crate) mod places;
mod prefetch;
pub(crate) mod sent;
pub mod slot;
pub(crate) mod wakes;
