use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::{Timeout, abandoned};
use crate::policy::PolicyError;
use crate::{Context, ManualClock, Stopped};

type Failed = PolicyError<Stopped>;

const SECOND: Duration = Duration::from_secs(1);

fn check() -> Result<u8, Failed> {
    Context::current().check().map(|()| 7).map_err(Failed::from)
}

#[test]
fn impossible_times_are_refused() {
    for time in [Duration::ZERO, Duration::MAX, Duration::from_hours(366 * 24)] {
        let invalid = Timeout::node(time).unwrap_err().to_string();
        assert!(invalid.starts_with("deadline: `after` is "), "{invalid}");
    }
    assert_eq!(Timeout::attempt(SECOND).unwrap().after(), SECOND);
}

#[test]
fn an_operator_that_asks_its_context_ends_by_itself() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(60 * SECOND).build();
    run.scope(|| {
        let timeout = Timeout::attempt(SECOND).unwrap();
        assert_eq!(timeout.call(check).ok(), Some(7));
        let failed = timeout
            .call(|| {
                clock.advance(SECOND);
                check()
            })
            .unwrap_err();
        assert!(failed.is_timeout() && failed.operator().is_none(), "{failed}");
        assert!(run.check().is_ok());
    });
}

#[test]
fn a_value_that_comes_late_is_not_thrown_away() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    let value = run.scope(|| {
        Timeout::attempt(SECOND).unwrap().call(|| {
            clock.advance(2 * SECOND);
            Ok::<_, Failed>(3)
        })
    });
    assert_eq!(value.ok(), Some(3));
}

#[test]
fn the_deadline_of_the_run_is_told_apart_from_the_timeout() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(SECOND).build();
    let failed = run.scope(|| {
        Timeout::attempt(5 * SECOND).unwrap().call(|| {
            clock.advance(SECOND);
            check()
        })
    });
    // It is the operator's own: what its context said.
    assert_eq!(failed.unwrap_err().operator(), Some(&Stopped::DeadlineExceeded));
}

#[test]
fn cancellation_is_told_apart_from_the_timeout() {
    let run = Context::builder().build();
    let failed = run.scope(|| {
        Timeout::attempt(SECOND).unwrap().call(|| {
            run.cancel();
            check()
        })
    });
    assert_eq!(failed.unwrap_err().operator(), Some(&Stopped::Cancelled));
}

#[test]
fn of_timeouts_in_each_other_the_inner_one_says_so_first() {
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    run.scope(|| {
        let (inner, outer) = (Timeout::attempt(SECOND).unwrap(), Timeout::node(3 * SECOND).unwrap());
        let failed = outer.call(|| {
            inner.call(|| {
                clock.advance(SECOND);
                check()
            })
        });
        assert_eq!(failed.unwrap_err().to_string(), "an attempt took longer than 1s");
        let failed = outer.call(|| {
            inner.call(|| {
                clock.advance(3 * SECOND);
                check()
            })
        });
        assert_eq!(failed.unwrap_err().to_string(), "took longer than 3s");
    });
}

#[test]
fn a_call_that_is_left_behind_is_counted_until_it_ends() {
    struct Held(mpsc::Sender<()>);
    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    let (free, freed) = mpsc::channel();
    let started = Arc::new(Barrier::new(2));
    let (go, gone) = mpsc::channel::<()>();
    let (held, inside) = (Held(free), started.clone());
    let before = abandoned();
    let (failed, cancelled) = std::thread::scope(|scope| {
        scope.spawn(|| {
            started.wait();
            clock.until_waiting(1);
            clock.advance(SECOND);
        });
        run.scope(|| {
            let (say, said) = mpsc::channel();
            let failed = Timeout::attempt(SECOND).unwrap().call_abandoning(move || {
                inside.wait();
                gone.recv().unwrap();
                drop(held);
                say.send(Context::current().check()).unwrap();
                Ok::<u8, PolicyError<String>>(1)
            });
            assert!(freed.try_recv().is_err(), "what it holds, it holds until it ends");
            assert_eq!(abandoned(), before + 1);
            go.send(()).unwrap();
            (failed, said.recv().unwrap())
        })
    });
    assert!(failed.unwrap_err().is_timeout());
    assert_eq!(cancelled, Err(Stopped::Cancelled));
    freed.recv().unwrap();
    while abandoned() > before {
        std::thread::yield_now();
    }
}

#[test]
fn a_call_that_ends_in_time_is_not_left_behind() {
    let value = Timeout::attempt(600 * SECOND).unwrap().call_abandoning(|| Ok::<_, PolicyError<String>>(5));
    assert_eq!(value.ok(), Some(5));
    let failed = Timeout::attempt(600 * SECOND)
        .unwrap()
        .call_abandoning(|| -> Result<u8, PolicyError<String>> { panic!("boom") });
    assert!(failed.unwrap_err().is_panic());
}

#[test]
fn a_cancelled_run_leaves_its_call_behind() {
    let run = Context::builder().build();
    let (go, gone) = mpsc::channel::<()>();
    let inside = run.clone();
    let failed = run.scope(|| {
        Timeout::attempt(600 * SECOND).unwrap().call_abandoning(move || {
            inside.cancel();
            gone.recv().unwrap();
            Ok::<u8, PolicyError<String>>(1)
        })
    });
    assert!(failed.unwrap_err().is_cancelled());
    go.send(()).unwrap();
}

#[cfg(feature = "tokio")]
mod with_tokio {
    use std::future::pending;
    use std::sync::Arc;

    use super::{Failed, SECOND, Timeout};
    use crate::Context;
    use crate::TokioClock;

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
        use std::task::{self, Poll, Waker};

        let clock = crate::ManualClock::new();
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
            let call =
                run.scope(|| Timeout::node(SECOND).unwrap().call_async(pending::<Result<u8, Failed>>()));
            call.await.unwrap_err()
        });
        assert_eq!(failed.to_string(), "took longer than 1s");
    }
}
