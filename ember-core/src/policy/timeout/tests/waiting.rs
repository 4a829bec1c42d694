use std::error::Error as _;
use std::future::{Future, pending, poll_fn};
use std::sync::Arc;
use std::task::{self, Poll, Waker};

use super::{Failed, SECOND, Timeout, check};
use crate::{Context, ManualClock, Stopped, TokioClock};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(future)
}

#[test]
fn an_async_operator_is_dropped_when_time_is_up() {
    let alive = Arc::new(());
    let held = alive.clone();
    block_on(async {
        let started = tokio::time::Instant::now();
        let mut call = Box::pin(Timeout::attempt(SECOND).unwrap().call_async(async move {
            let outcome = pending::<Result<u8, Failed>>().await;
            drop(held);
            outcome
        }));
        let failed = (&mut call).await.unwrap_err();
        assert!(failed.is_timeout());
        assert_eq!(started.elapsed(), SECOND);
        assert_eq!(Arc::strong_count(&alive), 1, "dropped before the call is");
    });
}

#[test]
fn a_value_that_is_there_when_time_is_up_wins() {
    let value = block_on(async {
        Timeout::attempt(SECOND)
            .unwrap()
            .call_async(async {
                tokio::time::sleep(SECOND).await;
                Ok::<_, Failed>(1)
            })
            .await
    });
    assert_eq!(value.ok(), Some(1));
}

#[test]
fn outside_of_a_runtime_the_clock_is_asked_at_each_poll() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    run.scope(|| {
        let mut call =
            Box::pin(Timeout::attempt(SECOND).unwrap().call_async(pending::<Result<u8, Failed>>()));
        let mut cx = task::Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut cx).is_pending());
        clock.advance(SECOND);
        let Poll::Ready(Err(failed)) = call.as_mut().poll(&mut cx) else { panic!("time is up") };
        assert!(failed.is_timeout());
    });
}

#[test]
fn the_clock_of_tokio_may_be_the_contexts() {
    let run = Context::builder().clock(TokioClock).build();
    let failed = block_on(async {
        let call = run.scope(|| Timeout::node(SECOND).unwrap().call_async(pending::<Result<u8, Failed>>()));
        call.await.unwrap_err()
    });
    assert_eq!(failed.to_string(), "took longer than 1s");
}

fn by_the_timers() -> Context {
    Context::builder().clock(TokioClock).build()
}

// Known of tokio (issue 4291): a call that used up its task's share of time at each poll never ran out of time.
#[test]
fn a_call_that_always_finds_something_to_do_runs_out_of_time_all_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let failed = runtime.block_on(async {
        let busy = async {
            loop {
                tokio::task::coop::consume_budget().await;
            }
        };
        let brief = Timeout::attempt(SECOND / 1000).unwrap();
        brief.call_async::<u8, Stopped, _>(busy).await.unwrap_err()
    });
    assert!(failed.is_timeout());
}

#[test]
fn r16_an_async_operator_sees_the_earlier_of_the_two_deadlines_at_each_poll() {
    let left = || Context::current().remaining().unwrap();
    let seen = |seconds| {
        block_on(async {
            let run = Context::builder().clock(TokioClock).timeout(3 * SECOND).build();
            let look = async {
                let before = left();
                tokio::time::sleep(SECOND / 2).await;
                Ok::<_, Failed>((before, left()))
            };
            let mut call = Box::pin(Timeout::attempt(seconds * SECOND).unwrap().call_async(look));
            poll_fn(|cx| run.scope(|| call.as_mut().poll(cx))).await.unwrap()
        })
    };
    assert_eq!(seen(1), (SECOND, SECOND / 2));
    assert_eq!(seen(60), (3 * SECOND, 5 * SECOND / 2));
}

#[test]
fn what_an_async_operator_does_about_its_deadline_counts_as_the_timeouts() {
    let failed = block_on(async {
        let run = by_the_timers();
        let mut call = Box::pin(Timeout::attempt(SECOND).unwrap().call_async(async {
            tokio::time::sleep(SECOND).await;
            check()
        }));
        poll_fn(|cx| run.scope(|| call.as_mut().poll(cx))).await.unwrap_err()
    });
    assert!(failed.is_timeout() && failed.operator().is_none(), "{failed:?}");
    assert_eq!(failed.source().unwrap().to_string(), Stopped::DeadlineExceeded.to_string());
}

#[test]
fn the_deadline_of_the_run_is_told_apart_from_an_async_timeout() {
    let failed = block_on(async {
        let run = Context::builder().clock(TokioClock).timeout(SECOND).build();
        let timeout = Timeout::attempt(5 * SECOND).unwrap();
        let mut call = Box::pin(timeout.call_async(pending::<Result<u8, Failed>>()));
        poll_fn(|cx| run.scope(|| call.as_mut().poll(cx))).await.unwrap_err()
    });
    assert_eq!(failed.to_string(), Stopped::DeadlineExceeded.to_string());
}

#[test]
fn a_cancelled_run_is_told_apart_from_an_async_timeout() {
    let failed = block_on(async {
        let run = by_the_timers();
        let cancels = async {
            tokio::time::sleep(SECOND).await;
            run.cancel();
            check()
        };
        let mut call = Box::pin(Timeout::attempt(SECOND).unwrap().call_async(cancels));
        poll_fn(|cx| run.scope(|| call.as_mut().poll(cx))).await.unwrap_err()
    });
    assert_eq!(failed.operator(), Some(&Stopped::Cancelled));
}

#[test]
fn of_async_timeouts_in_each_other_the_one_whose_time_is_up_says_so() {
    let of = |attempt, node| {
        let (attempt, node) = (Timeout::attempt(attempt).unwrap(), Timeout::node(node).unwrap());
        let call = node.call_async(attempt.call_async(pending::<Result<u8, Failed>>()));
        block_on(call).unwrap_err().to_string()
    };
    assert_eq!(of(SECOND, 2 * SECOND), "an attempt took longer than 1s");
    assert_eq!(of(2 * SECOND, SECOND), "took longer than 1s");
}

#[test]
fn the_time_runs_from_the_first_poll_and_through_it() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    let timeout = Timeout::attempt(SECOND).unwrap();
    let mut cx = task::Context::from_waker(Waker::noop());
    run.scope(|| {
        let mut early = Box::pin(timeout.call_async(pending::<Result<u8, Failed>>()));
        clock.advance(60 * SECOND);
        assert!(early.as_mut().poll(&mut cx).is_pending());

        let mut slow = Box::pin(timeout.call_async(async {
            clock.advance(SECOND);
            pending::<Result<u8, Failed>>().await
        }));
        let Poll::Ready(Err(failed)) = slow.as_mut().poll(&mut cx) else { panic!("the first poll took all") };
        assert!(failed.is_timeout());
    });
}

#[test]
fn a_call_that_is_ready_at_once_needs_no_timers() {
    let mut call = Box::pin(Timeout::attempt(SECOND).unwrap().call_async(async { Ok::<_, Failed>(1) }));
    let mut cx = task::Context::from_waker(Waker::noop());
    assert!(matches!(call.as_mut().poll(&mut cx), Poll::Ready(Ok(1))));
}

#[test]
fn the_context_of_a_call_whose_time_is_up_has_stopped() {
    let (say, said) = std::sync::mpsc::channel();
    block_on(async {
        let call = Timeout::attempt(SECOND).unwrap().call_async(async move {
            say.send(Context::current()).unwrap();
            pending::<Result<u8, Failed>>().await
        });
        assert!(call.await.is_err());
    });
    let kept = said.recv().unwrap();
    assert_eq!(kept.check(), Err(Stopped::DeadlineExceeded));
}

#[test]
fn a_call_that_panics_leaves_the_timeout() {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let panics = poll_fn(|_| -> Poll<Result<u8, Failed>> {
        drop(Context::current());
        panic!("boom")
    });
    let mut call = Box::pin(Timeout::attempt(SECOND).unwrap().call_async(panics));
    let mut cx = task::Context::from_waker(Waker::noop());
    assert!(catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(&mut cx))).is_err());
    assert_eq!(Context::current().deadline(), None);
}
