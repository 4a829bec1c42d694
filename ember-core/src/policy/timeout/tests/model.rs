//! Timeouts in each other beside an obvious rule: the outermost whose time is up says so.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{self, Poll, Waker};
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{Failed, Timeout};
use crate::{Context, ManualClock, Stopped};

/// A run, timeouts in each other, and what the operator inside of them does.
#[derive(Clone, Debug)]
struct Case {
    /// The deadline of the run, in seconds.
    run: Option<u64>,
    /// What passes before each timeout is entered, and its time, the outermost first.
    timeouts: Vec<(u64, u64)>,
    /// Whether somebody asks for the context in each.
    asks: Vec<bool>,
    lasts: u64,
    ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ends {
    Well,
    Failing,
    /// Only as a future.
    Never,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Value,
    /// The operator's own failure, or that of the run.
    Failure,
    /// The timeout of that time, in seconds.
    TimedOut(u64),
    Pending,
}

impl Case {
    fn expected(&self) -> Outcome {
        let mut now = 0;
        let mut deadlines: Vec<(Option<u64>, u64)> = self.run.map(|at| (None, at)).into_iter().collect();
        for &(before, time) in &self.timeouts {
            now += before;
            deadlines.push((Some(time), now + time));
        }
        now += self.lasts;
        let up = deadlines.iter().find(|(_, at)| *at <= now);
        match (self.ends, up) {
            (Ends::Well, _) => Outcome::Value,
            (Ends::Never, None) => Outcome::Pending,
            (_, Some((Some(time), _))) => Outcome::TimedOut(*time),
            (_, Some((None, _)) | None) => Outcome::Failure,
        }
    }
}

fn told(outcome: Result<u8, Failed>) -> Outcome {
    match outcome {
        Ok(_) => Outcome::Value,
        Err(failed) => {
            let text = failed.to_string();
            let time =
                text.strip_prefix("an attempt took longer than ").and_then(|time| time.strip_suffix('s'));
            time.map_or(Outcome::Failure, |time| Outcome::TimedOut(time.parse().unwrap()))
        }
    }
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn run_of(case: &Case, clock: &ManualClock) -> Context {
    let run = Context::builder().clock(clock.clone());
    case.run.map_or(run, |at| Context::builder().clock(clock.clone()).timeout(seconds(at))).build()
}

fn called(case: &Case, depth: usize, clock: &ManualClock) -> Result<u8, Failed> {
    if depth > 0 && case.asks[depth - 1] {
        drop(Context::current());
    }
    let Some(&(before, time)) = case.timeouts.get(depth) else {
        clock.advance(seconds(case.lasts));
        return if case.ends == Ends::Well { Ok(1) } else { Err(Stopped::DeadlineExceeded.into()) };
    };
    clock.advance(seconds(before));
    Timeout::attempt(seconds(time)).unwrap().call(|| called(case, depth + 1, clock))
}

fn waited<'a>(
    case: &'a Case,
    depth: usize,
    clock: &'a ManualClock,
) -> Pin<Box<dyn Future<Output = Result<u8, Failed>> + 'a>> {
    Box::pin(async move {
        if depth > 0 && case.asks[depth - 1] {
            drop(Context::current());
        }
        let Some(&(before, time)) = case.timeouts.get(depth) else {
            let mut polls = 0;
            return poll_fn(|_| {
                polls += 1;
                match case.ends {
                    Ends::Failing if polls > 1 => Poll::Ready(Err(Stopped::DeadlineExceeded.into())),
                    Ends::Well if polls > 1 => Poll::Ready(Ok(1)),
                    _ => Poll::Pending,
                }
            })
            .await;
        };
        clock.advance(seconds(before));
        Timeout::attempt(seconds(time)).unwrap().call_async(waited(case, depth + 1, clock)).await
    })
}

fn cases(ends: impl Strategy<Value = Ends>) -> impl Strategy<Value = Case> {
    let timeouts = vec((0..3_u64, 1..9_u64), 1..5);
    (option::of(1..12_u64), timeouts, vec(any::<bool>(), 5), 0..12_u64, ends)
        .prop_map(|(run, timeouts, asks, lasts, ends)| Case { run, timeouts, asks, lasts, ends })
}

proptest! {
    #[test]
    fn calls_in_each_other_tell_the_outermost_whose_time_is_up(
        case in cases(prop_oneof![Just(Ends::Well), Just(Ends::Failing)])
    ) {
        let clock = ManualClock::new();
        let outcome = run_of(&case, &clock).scope(|| called(&case, 0, &clock));
        prop_assert_eq!(told(outcome), case.expected());
    }

    #[test]
    fn futures_in_each_other_tell_the_outermost_whose_time_is_up(
        case in cases(prop_oneof![Just(Ends::Well), Just(Ends::Failing), Just(Ends::Never)])
    ) {
        let clock = ManualClock::new();
        let mut cx = task::Context::from_waker(Waker::noop());
        let outcome = run_of(&case, &clock).scope(|| {
            let mut call = waited(&case, 0, &clock);
            // What passes while the timeouts are entered may be enough.
            if let Poll::Ready(outcome) = call.as_mut().poll(&mut cx) {
                return (told(outcome), Case { lasts: 0, ends: Ends::Never, ..case.clone() }.expected());
            }
            clock.advance(seconds(case.lasts));
            match call.as_mut().poll(&mut cx) {
                Poll::Ready(outcome) => (told(outcome), case.expected()),
                Poll::Pending => (Outcome::Pending, case.expected()),
            }
        });
        prop_assert_eq!(outcome.0, outcome.1);
    }
}
