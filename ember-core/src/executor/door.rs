//! Where a run enters the pool: once for the whole run, if its inputs and its value may change threads.
//!
//! A run that goes parallel several times, called from outside of the pool, would enter it as often. Instead its whole
//! body moves there, if what goes in and comes out is `Send`. If not, the body stays where it is and only its regions
//! enter: nothing more is demanded of a graph's types. Method lookup takes the first way that the types allow.

use std::marker::PhantomData;

use super::pool;
use crate::context::Context;
use crate::run::Halted;

/// The inputs `P` and the value `R` of a run.
pub struct Door<P, R>(PhantomData<(P, R)>);

/// The type of a value, to ask what it can do.
#[inline(always)]
pub const fn kind<T>(_: &T) -> PhantomData<T> {
    PhantomData
}

impl<P, R> Door<P, R> {
    /// Of a run.
    #[inline(always)]
    pub const fn new(_: P, _: PhantomData<R>) -> Self
    where
        P: Copy,
    {
        Self(PhantomData)
    }
}

/// The whole run enters the pool.
pub trait EnterOnce<R> {
    /// Runs the body on a thread of the pool.
    ///
    /// # Errors
    ///
    /// Those of the body.
    fn run<F: FnOnce() -> Result<R, Halted> + Send>(&self, context: &Context, body: F) -> Result<R, Halted>;
}

impl<P: Send, R: Send> EnterOnce<R> for &Door<P, R> {
    #[inline]
    fn run<F: FnOnce() -> Result<R, Halted> + Send>(&self, context: &Context, body: F) -> Result<R, Halted> {
        let mut body = Some(body);
        let mut outcome = Err(Halted);
        pool::enter(context, &mut || {
            if let Some(body) = body.take() {
                outcome = body();
            }
        });
        outcome
    }
}

/// The run stays on the caller's thread; its regions enter the pool.
pub trait EnterOften<R> {
    /// Runs the body here.
    ///
    /// # Errors
    ///
    /// Those of the body.
    fn run<F: FnOnce() -> Result<R, Halted>>(&self, context: &Context, body: F) -> Result<R, Halted>;
}

impl<P, R> EnterOften<R> for Door<P, R> {
    #[inline]
    fn run<F: FnOnce() -> Result<R, Halted>>(&self, _: &Context, body: F) -> Result<R, Halted> {
        body()
    }
}
