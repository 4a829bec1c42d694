//! Graphs as nodes of graphs: whether their futures may cross threads is asked where they are awaited.
//!
//! Which of the traits is taken, method lookup decides: [`NodeIsSent`] is found before [`NodeAsItIs`], if it holds.

use std::future::Future;
use std::marker::PhantomData;

use super::launch::Open;
use crate::raw::sent::Sent;

/// The type of what is awaited.
#[derive(Debug)]
pub struct Inside<F>(PhantomData<fn() -> F>);

/// The type of what is awaited.
#[cfg_attr(not(debug_assertions), inline(always))]
pub const fn inside<F>(_: &F) -> Inside<F> {
    Inside(PhantomData)
}

/// The future of a graph that may cross threads.
pub trait NodeIsSent {
    /// What is awaited.
    type Future;

    /// The same, with the answer.
    fn kept(&self, future: Self::Future) -> Sent<Self::Future>;
}
impl<F: Future + Send> NodeIsSent for &Inside<Open<F>> {
    type Future = Open<F>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn kept(&self, future: Open<F>) -> Sent<Open<F>> {
        Sent::new(future)
    }
}

/// Anything else.
pub trait NodeAsItIs {
    /// What is awaited.
    type Future;

    /// The same.
    fn kept(&self, future: Self::Future) -> Self::Future;
}
impl<F> NodeAsItIs for Inside<F> {
    type Future = F;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn kept(&self, future: F) -> F {
        future
    }
}
