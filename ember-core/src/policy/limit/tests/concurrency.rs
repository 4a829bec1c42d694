mod line;
mod nested;
mod stopped;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier, LazyLock};
use std::task::{self, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::policy::{Concurrency, Keyed, PolicyError, Refused, Timeout};
use crate::{Context, ManualClock};

type Answer<T> = Result<T, PolicyError<String>>;

const FULL: Refused = Refused::Full { retry_after: None };

fn limit(permits: usize, queue: usize) -> Concurrency {
    Concurrency::builder().permits(permits).queue(queue).build().unwrap()
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut task::Context::from_waker(Waker::noop()))
}

/// Until something is so that another thread makes so.
fn until(it: impl Fn() -> bool) {
    while !it() {
        thread::yield_now();
    }
}

#[test]
fn r30_a_permit_comes_back_once_however_a_call_ends() {
    let limit = limit(2, 0);
    assert_eq!(limit.call(|| Answer::Ok(limit.in_use())).unwrap(), 1);
    assert!(limit.call(|| Answer::<()>::Err(String::from("no").into())).unwrap_err().operator().is_some());
    let panics = || limit.call(|| -> Answer<()> { panic!("on purpose") });
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    {
        let mut call = pin!(limit.call_async(pending::<Answer<()>>()));
        assert!(poll(call.as_mut()).is_pending());
        assert_eq!(limit.in_use(), 1);
    }
    {
        let mut call = pin!(limit.call_async(async { panic!("on purpose") as Answer<()> }));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(call.as_mut()))).is_err());
    }
    {
        let mut call =
            pin!(limit.call_async(std::future::poll_fn(|_| -> Poll<Answer<()>> { panic!("on purpose") })));
        assert!(catch_unwind(AssertUnwindSafe(|| poll(call.as_mut()))).is_err());
    }
    assert_eq!((limit.in_use(), limit.waiting(), limit.refused()), (0, 0, 0));
}

#[test]
fn r30_a_full_line_answers_at_once() {
    let limit = limit(1, 1);
    let permit = limit.acquire().unwrap();
    let mut first = pin!(limit.acquire_async());
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(limit.acquire().unwrap_err(), FULL);
    assert_eq!(poll(pin!(limit.acquire_async())).map(Result::unwrap_err), Poll::Ready(FULL));
    let refused = limit.call(|| Answer::Ok(())).unwrap_err();
    assert!(refused.is_full() && refused.is_rejected());
    assert_eq!(refused.to_string(), "the concurrency limit is reached");
    assert_eq!((limit.in_use(), limit.waiting(), limit.refused()), (1, 1, 3));
    drop(permit);
    assert!(poll(first.as_mut()).is_ready());
}

#[test]
fn r13_counts_are_exact_when_threads_contend() {
    let limit = limit(3, 8);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let refused = AtomicU64::new(0);
    thread::scope(|scope| {
        for caller in 0..8 {
            let (limit, inside, most, refused) = (&limit, &inside, &most, &refused);
            scope.spawn(move || {
                for call in 0..2_000 {
                    let work = || {
                        most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                        inside.fetch_sub(1, SeqCst);
                    };
                    if (caller + call) % 3 == 0 {
                        match limit.try_acquire() {
                            Ok(_permit) => work(),
                            Err(_) => drop(refused.fetch_add(1, SeqCst)),
                        }
                    } else {
                        let call = || {
                            work();
                            Answer::Ok(())
                        };
                        limit.call(call).unwrap();
                    }
                }
            });
        }
    });
    assert!(most.into_inner() <= 3);
    assert_eq!((limit.in_use(), limit.waiting()), (0, 0));
    assert_eq!(limit.refused(), refused.into_inner());
}

#[test]
fn the_permit_is_back_when_the_call_ends_not_when_its_future_is_dropped() {
    let limit = limit(1, 0);
    let mut call = pin!(limit.call_async(ready(Answer::Ok(()))));
    assert!(poll(call.as_mut()).is_ready());
    assert_eq!(limit.in_use(), 0);
}

#[test]
fn a_call_is_over_before_its_permit_is_back() {
    struct Looks<'l>(&'l Concurrency, &'l Cell<usize>);
    impl Drop for Looks<'_> {
        fn drop(&mut self) {
            self.1.set(self.0.in_use());
        }
    }
    let (limit, seen) = (limit(1, 0), Cell::new(0));
    let mut call = Box::pin(limit.call_async(async {
        let _looks = Looks(&limit, &seen);
        pending::<Answer<()>>().await
    }));
    assert!(poll(call.as_mut()).is_pending());
    drop(call);
    assert_eq!((seen.get(), limit.in_use()), (1, 0));
}

#[test]
fn a_call_that_is_left_behind_counts_until_it_ends() {
    static LIMIT: LazyLock<Concurrency> = LazyLock::new(|| limit(1, 0));
    let (clock, time) = (ManualClock::new(), Duration::from_secs(1));
    let context = Context::builder().clock(clock.clone()).build();
    let timeout = Timeout::attempt(time).unwrap();
    let (begun, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let failed = context.scope(|| {
        Concurrency::call_with_permit(&*LIMIT, |permit| {
            let (begins, goes) = (begun.clone(), go.clone());
            thread::spawn(move || {
                begun.wait();
                clock.advance(time);
            });
            timeout.call_abandoning(move || {
                let _permit = permit;
                begins.wait();
                goes.wait();
                Answer::Ok(())
            })
        })
    });
    assert!(failed.unwrap_err().is_timeout());
    assert!(LIMIT.try_acquire().is_err());
    go.wait();
    until(|| LIMIT.in_use() == 0);
}

#[test]
fn r37_a_key_whose_permits_are_out_keeps_its_limit() {
    let limits = Keyed::new(1, || limit(1, 0));
    let busy = limits.get("busy");
    let permit = busy.acquire().unwrap();
    assert!(!Arc::ptr_eq(&limits.get("other"), &busy));
    assert!(limits.get("busy").try_acquire().is_err());
    drop(permit);
    drop(busy);
    limits.get("another");
    assert_eq!((limits.len(), limits.get("busy").refused()), (1, 0));
}

#[test]
fn settings_out_of_bounds_are_refused() {
    for permits in [0, 1 << 31] {
        let invalid = Concurrency::builder().permits(permits).build().unwrap_err();
        assert!(invalid.to_string().starts_with(&format!("concurrency: `permits` is {permits}")));
    }
    let most = limit((1 << 31) - 1, 0);
    assert!(most.call(|| Answer::Ok(())).is_ok());
}

#[cfg(feature = "tokio")]
mod with_tokio {
    use std::future::poll_fn;

    use super::*;

    fn paused(test: impl Future<Output = ()>) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(test);
    }

    #[test]
    fn a_future_that_waits_for_too_long_is_told_so() {
        paused(async {
            let wait = Duration::from_secs(3);
            let limit =
                Concurrency::builder().permits(1).max_wait(wait).clock(crate::TokioClock).build().unwrap();
            let permit = limit.acquire().unwrap();
            let before = tokio::time::Instant::now();
            assert_eq!(limit.acquire_async().await.unwrap_err(), FULL);
            let waited = before.elapsed();
            assert!((wait..wait + Duration::from_millis(10)).contains(&waited), "{waited:?}");
            assert_eq!((limit.in_use(), limit.waiting(), limit.refused()), (1, 0, 1));
            drop(permit);
            assert!(limit.acquire_async().await.is_ok());
        });
    }

    #[test]
    fn a_future_that_waits_is_told_when_the_deadline_comes() {
        paused(async {
            let limit = limit(1, 1);
            let _permit = limit.acquire().unwrap();
            let context = Context::builder().clock(crate::TokioClock).timeout(Duration::from_secs(1)).build();
            let mut waits = pin!(limit.call_async(ready(Answer::Ok(()))));
            let outcome = poll_fn(|cx| context.scope(|| waits.as_mut().poll(cx))).await;
            assert!(outcome.unwrap_err().is_timeout());
            assert_eq!(limit.waiting(), 0);
        });
    }

    #[test]
    fn r30_never_more_than_so_many_at_once() {
        paused(async {
            let limit = limit(3, 100);
            let (inside, most) = (Cell::new(0), Cell::new(0));
            let call = |i: u64| {
                let (inside, most) = (&inside, &most);
                limit.call_async(async move {
                    inside.set(inside.get() + 1);
                    most.set(most.get().max(inside.get()));
                    tokio::time::sleep(Duration::from_millis(1 + i % 7)).await;
                    inside.set(inside.get() - 1);
                    Answer::Ok(i)
                })
            };
            let mut calls: Vec<_> = (0..50).map(|i| Box::pin(call(i))).collect();
            let mut done = 0;
            poll_fn(|cx| {
                calls.retain_mut(|call| {
                    let over = call.as_mut().poll(cx).is_ready();
                    done += u32::from(over);
                    !over
                });
                if calls.is_empty() { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            assert_eq!((done, most.get(), limit.in_use(), limit.waiting()), (50, 3, 0, 0));
        });
    }
}

#[test]
fn an_answer_needs_no_error_of_its_own() {
    let answer: Result<u32, PolicyError<Infallible>> = limit(1, 0).call(|| Ok(1));
    assert_eq!(answer.unwrap(), 1);
}
