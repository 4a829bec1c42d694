//! The call of a batch: for whom, in which context, and its future.

use std::future::{Future, poll_fn};
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{self, Poll};

use super::{Answer, Answers, Given, Leading, answers};
use crate::Context;
use crate::executor::hold;
use crate::policy::PolicyError;

/// The future of a call for so many items, in the context that it is polled in, and inside of the batcher with that number.
pub(super) fn running<I, O, E, N, F>(
    id: usize,
    count: usize,
    items: Vec<I>,
    next: N,
) -> impl Future<Output = Vec<Answer<O, E>>> + Send
where
    I: Send,
    N: FnOnce(Vec<I>) -> F + Send,
    F: Future<Output: Answers<O, E>> + Send,
{
    let mut call = Calling::Made(Some((next, items)));
    poll_fn(move |task| {
        let _inside = hold::enter(id);
        let polled = catch_unwind(AssertUnwindSafe(|| call.poll(task).map(|given| given.spread(count))));
        polled.unwrap_or_else(|payload| Poll::Ready(answers::panicked(payload, count)))
    })
}

/// The future of the operator, made when it is first polled.
enum Calling<I, N, F> {
    Made(Option<(N, Vec<I>)>),
    Begun(Pin<Box<F>>),
}

impl<I, N: FnOnce(Vec<I>) -> F, F: Future> Calling<I, N, F> {
    fn poll(&mut self, task: &mut task::Context<'_>) -> Poll<F::Output> {
        if let Self::Made(made) = self
            && let Some((next, items)) = made.take()
        {
            *self = Self::Begun(Box::pin(next(items)));
        }
        match self {
            Self::Begun(call) => call.as_mut().poll(task),
            Self::Made(_) => Poll::Pending,
        }
    }
}

/// The items of a batch that goes. Whose run has stopped meanwhile is answered instead.
pub(super) struct Taken<I, O, E> {
    pub(super) numbers: Vec<u64>,
    pub(super) items: Vec<I>,
    /// That of the call. None, if there is nobody to make it for.
    pub(super) context: Option<Context>,
    pub(super) answers: Vec<(u64, Answer<O, E>)>,
}

impl<I, O, E> Taken<I, O, E> {
    pub(super) fn new<K: Hash + Eq + Clone>(lead: &mut Leading<'_, I, O, E, K>) -> Self {
        let (mut numbers, mut items, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        let mut contexts = Vec::new();
        for (number, Given { item, context }) in lead.take_items() {
            match context.check() {
                Err(why) => answers.push((number, Err(PolicyError::stopped(why)))),
                Ok(()) => {
                    numbers.push(number);
                    items.push(item);
                    contexts.push(context);
                }
            }
        }
        let contexts: Vec<&Context> = contexts.iter().collect();
        let context = (!contexts.is_empty()).then(|| Context::together(&contexts));
        Self { numbers, items, context, answers }
    }
}
