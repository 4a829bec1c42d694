//! Further attempts beside one that is slow: the first that is good wins.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use super::door::Timer;
use crate::observe::{What, emit};

/// What hedging needs.
#[diagnostic::on_unimplemented(
    message = "`#[hedge(..)]` needs timers, which ember has with its feature `tokio`",
    label = "this node cannot be hedged",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"tokio\"] }}`"
)]
pub trait Timed<'never> {}
#[cfg(feature = "tokio")]
impl Timed<'_> for () {}

/// Asks for timers.
#[inline(always)]
pub const fn timed()
where
    for<'never> (): Timed<'never>,
{
}

/// What can be given to each attempt.
#[diagnostic::on_unimplemented(
    message = "`#[hedge(..)]` needs this value for each attempt, and a `{T}` can be given away only once",
    label = "`{T}` is used up by the first attempt",
    note = "let the operator borrow it, `&value`, give each attempt one of its own, `value.clone()`, or bind what is made of it in a line above and lend that"
)]
pub trait Again<T> {}
#[diagnostic::do_not_recommend]
impl<T: Copy> Again<T> for Argument {}

/// What an operator is called with. Of it, and not of its type, is asked whether it can be used again, since the compiler
/// would propose to borrow what is not `Copy`, whatever the operator takes.
#[derive(Debug)]
pub struct Argument;

/// Asks that an argument can be given to each attempt.
#[inline(always)]
pub const fn again<T>(_: &T)
where
    Argument: Again<T>,
{
}

/// What can be given to each attempt although it is made once, before the first.
#[diagnostic::on_unimplemented(
    message = "this argument of a line with `#[hedge(..)]` is made once, before the first attempt, and a `{T}` can be given away only once",
    label = "`{T}` is used up by the first attempt",
    note = "a `?` or `.await` in this argument, or in one to the right of it, is done before all attempts, and so is the argument; bind the value in a line above, and lend it, `&value`, or give each attempt one of its own, `value.clone()`"
)]
pub trait MadeOnce<T> {}
#[diagnostic::do_not_recommend]
impl<T: Copy> MadeOnce<T> for Argument {}

/// Asks that an argument that is made before the first attempt can be given to each.
#[inline(always)]
pub const fn made_once<T>(_: &T)
where
    Argument: MadeOnce<T>,
{
}

/// Starts another attempt whenever the last one has run for so long, up to so many. The first that ends wins.
pub async fn hedge<F: Future>(after: Duration, at_most: usize, attempt: impl FnMut() -> F) -> F::Output {
    run(after, at_most, attempt, |_| true).await
}

/// The same for attempts that can fail: one that fails loses while others run. If all fail, the first failure stands.
///
/// # Errors
///
/// The first failure.
pub async fn hedge_fallible<T, E, F: Future<Output = Result<T, E>>>(
    after: Duration,
    at_most: usize,
    attempt: impl FnMut() -> F,
) -> Result<T, E> {
    run(after, at_most, attempt, Result::is_ok).await
}

async fn run<F: Future>(
    after: Duration,
    at_most: usize,
    mut attempt: impl FnMut() -> F,
    is_good: impl Fn(&F::Output) -> bool,
) -> F::Output {
    let mut first = pin!(Some(attempt()));
    let mut others: Vec<Pin<Box<F>>> = Vec::new();
    let mut started = 1;
    let mut lost: Option<F::Output> = None;
    let mut timer = Timer::after(after);
    poll_fn(|cx: &mut Context<'_>| {
        loop {
            if let Some(running) = first.as_mut().as_pin_mut()
                && let Poll::Ready(output) = running.poll(cx)
            {
                if is_good(&output) {
                    return Poll::Ready(output);
                }
                lost.get_or_insert(output);
                first.set(None);
            }
            let mut i = 0;
            while let Some(running) = others.get_mut(i) {
                match running.as_mut().poll(cx) {
                    Poll::Pending => i += 1,
                    Poll::Ready(output) if is_good(&output) => return Poll::Ready(output),
                    Poll::Ready(output) => {
                        lost.get_or_insert(output);
                        drop(others.swap_remove(i));
                    }
                }
            }
            if first.is_none()
                && others.is_empty()
                && let Some(output) = lost.take()
            {
                return Poll::Ready(output);
            }
            if started >= at_most || timer.poll(cx).is_pending() {
                return Poll::Pending;
            }
            emit(|| What::Hedged);
            // What is added now is polled before this returns.
            others.push(Box::pin(attempt()));
            started += 1;
            timer = Timer::after(after);
        }
    })
    .await
}
