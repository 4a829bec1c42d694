//! A call through a worker.

use std::sync::Arc;
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::attendant::{Order, Outcome};
use super::codec::{self, Failed};
use super::frame::{self, Answer, Caller};
use super::pool::Worker;
use super::{Isolation, Name, limits, registry, worker};
use crate::context::Watch;
use crate::policy::{IsolationError, Meeting, Part, PolicyError, catch};
use crate::{Context, Stopped, TraceContext};

/// Why a call gave no result.
enum Failure {
    Isolated(IsolationError),
    Stopped(Stopped),
    /// The operator panicked, with this text.
    Panicked(String),
}

impl From<IsolationError> for Failure {
    fn from(why: IsolationError) -> Self {
        Self::Isolated(why)
    }
}

impl Isolation {
    /// Makes a call of the operator of that name, with its arguments as a tuple, in a worker. It waits until one is free.
    ///
    /// The thread waits and does nothing else meanwhile; the work is done by the other process. When the run is stopped, or
    /// time is up, the worker is killed.
    ///
    /// # Errors
    ///
    /// [`PolicyError::isolated`] with what became of the worker; [`PolicyError::panicked`];
    /// [`PolicyError::full`], if too many wait for a worker; or [`PolicyError::stopped`].
    #[doc(hidden)]
    pub fn __call<R: DeserializeOwned, E, A: Serialize>(
        &self,
        operator: Name,
        arguments: &A,
    ) -> Result<R, PolicyError<E>> {
        // Whatever serde's traits are implemented by may panic.
        catch(|| {
            self.places.call(|| {
                let outcome = self.carry(operator, arguments);
                match outcome.and_then(|result| Ok(read(&result)?)) {
                    Ok(result) => Ok(result),
                    Err(Failure::Isolated(why)) => Err(PolicyError::isolated(why)),
                    Err(Failure::Stopped(why)) => Err(PolicyError::stopped(why)),
                    Err(Failure::Panicked(text)) => Err(PolicyError::panicked(Box::new(text))),
                }
            })
        })
    }

    /// Gives the frame with the result.
    fn carry<A: Serialize>(&self, operator: Name, arguments: &A) -> Result<Vec<u8>, Failure> {
        let build = self.build()?;
        let context = Context::current();
        let trace = context.traceparent();
        let caller = Caller {
            correlation_id: context.correlation_id(),
            traceparent: &trace.as_ref().map(ToString::to_string).unwrap_or_default(),
            tracestate: trace.as_ref().map_or("", TraceContext::tracestate),
            left: context.remaining(),
        };
        let begun = frame::begin_call(operator.path, operator.signature, caller);
        let too_large = || IsolationError::TooLarge { part: Part::Arguments, limit: self.limits.message };
        let begun = begun.ok_or_else(too_large)?;
        let written = codec::write(arguments, begun, self.limits.message).map_err(|failed| match failed {
            Failed::TooLarge => too_large(),
            Failed::Unreadable => IsolationError::Unreadable(Part::Arguments),
        })?;
        let mut call = frame::end_call(written).ok_or_else(too_large)?;
        loop {
            context.check().map_err(Failure::Stopped)?;
            let now = context.now();
            let (mut worker, is_fresh) = match self.pool.idle(now) {
                Some(worker) => (worker, false),
                None => (self.start(build, &context)?, true),
            };
            worker.calls += 1;
            let asked = Exchange::new(&context, self.timeout).ask(worker, call)?;
            let (worker, frame) = match asked {
                Asked::Answered(worker, frame) => (worker, frame),
                // It ended while it had nothing to do, and this call has not been made.
                Asked::Died(_, Some(unused)) if !is_fresh => {
                    call = unused;
                    continue;
                }
                Asked::Died(why, _) => return Err(why.into()),
            };
            return self.judge(worker, frame, now);
        }
    }

    /// What an answer says, and whether the worker is used again.
    fn judge(&self, worker: Worker, frame: Vec<u8>, now: Instant) -> Result<Vec<u8>, Failure> {
        let failure = match frame::answered(&frame) {
            Some(Answer::Done(_)) => None,
            Some(Answer::Panicked(text)) => Some(Failure::Panicked(text.to_owned())),
            Some(Answer::Unreadable(part)) => Some(IsolationError::Unreadable(part).into()),
            Some(Answer::TooLarge) => {
                let limit = self.limits.message;
                Some(IsolationError::TooLarge { part: Part::Output, limit }.into())
            }
            Some(Answer::Stranger) => Some(IsolationError::OtherBuild.into()),
            Some(Answer::Ready | Answer::Begun | Answer::Unlimited) | None => {
                worker.kill();
                return Err(IsolationError::Corrupt("it is no answer to a call").into());
            }
        };
        // A panic may have left anything behind.
        let is_sound = !matches!(failure, Some(Failure::Panicked(_)));
        if is_sound && worker.calls < self.calls && !self.pool.is_old(&worker, now) {
            self.pool.take_back(worker);
        }
        failure.map_or(Ok(frame), Err)
    }

    /// Whether calls can be made, and as which build.
    fn build(&self) -> Result<u64, IsolationError> {
        if worker::is_one() {
            return Err(IsolationError::Nested);
        }
        if let Some(what) = limits::unsupported(&self.limits) {
            return Err(IsolationError::Unsupported(what));
        }
        registry::build().ok_or(IsolationError::NotInitialized)
    }

    /// A new worker that is ready for calls.
    fn start(&self, build: u64, context: &Context) -> Result<Worker, Failure> {
        let worker = self.pool.start(context.now())?;
        let hello = frame::hello(build, self.limits);
        let late = |failed| match failed {
            Failure::Isolated(IsolationError::TimeLimit(time)) => IsolationError::NotReady(time).into(),
            failed => failed,
        };
        match Exchange::new(context, Some(self.start)).ask(worker, hello).map_err(late)? {
            Asked::Answered(worker, frame) => match frame::answered(&frame) {
                Some(Answer::Ready) => Ok(worker),
                Some(Answer::Stranger) => Err(IsolationError::OtherBuild.into()),
                Some(Answer::Unlimited) => {
                    Err(IsolationError::Unsupported("limits such as these, or does not allow them").into())
                }
                _ => {
                    worker.kill();
                    Err(IsolationError::Corrupt("it is no answer to a greeting").into())
                }
            },
            Asked::Died(why, _) => Err(why.into()),
        }
    }
}

/// The value in the frame of a result.
fn read<R: DeserializeOwned>(frame: &[u8]) -> Result<R, IsolationError> {
    match frame::answered(frame) {
        Some(Answer::Done(result)) => codec::read(result).ok_or(IsolationError::Unreadable(Part::Output)),
        _ => Err(IsolationError::Corrupt("it is no answer to a call")),
    }
}

/// What became of a frame.
enum Asked {
    Answered(Worker, Vec<u8>),
    /// The worker is gone. The frame comes back if the operator has not been called.
    Died(IsolationError, Option<Vec<u8>>),
}

/// A frame and its answer, within a time.
struct Exchange<'c> {
    context: &'c Context,
    limit: Option<(Duration, Option<Instant>)>,
}

impl<'c> Exchange<'c> {
    /// From now on.
    fn new(context: &'c Context, limit: Option<Duration>) -> Self {
        let limit = limit.map(|limit| (limit, context.now().checked_add(limit)));
        Self { context, limit }
    }

    /// Sends a frame and waits for the answer.
    fn ask(&self, worker: Worker, frame: Vec<u8>) -> Result<Asked, Failure> {
        let caller = Meeting::new();
        let mut watch = Watch::new(self.context);
        watch.register(&Waker::from(caller.clone()));
        if let Some((why, unused)) = worker.order(Order { frame, caller: caller.clone() }) {
            return Ok(Asked::Died(why, Some(unused)));
        }
        match self.await_answer(&caller) {
            Ok(Outcome::Answered(frame)) => Ok(Asked::Answered(worker, frame)),
            Ok(Outcome::Died(why, unused)) => Ok(Asked::Died(why, unused)),
            Err(failure) => {
                worker.kill();
                Err(failure)
            }
        }
    }

    fn await_answer(&self, caller: &Arc<Meeting<Outcome>>) -> Result<Outcome, Failure> {
        let (context, clock) = (self.context, self.context.clock());
        loop {
            if let Some(outcome) = caller.take(false) {
                return Ok(outcome);
            }
            context.check().map_err(Failure::Stopped)?;
            let until = self.limit.and_then(|(_, until)| until);
            if until.is_some_and(|until| until <= clock.now()) {
                let limit = self.limit.map_or(Duration::ZERO, |(limit, _)| limit);
                return Err(IsolationError::TimeLimit(limit).into());
            }
            match [until, context.deadline()].into_iter().flatten().min() {
                Some(moment) => clock.park_until(moment),
                None => thread::park(),
            }
        }
    }
}
