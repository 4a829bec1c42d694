use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use super::{Threads, Timeout};
use crate::policy::PolicyError;
use crate::{Context, ManualClock, Stopped};

type Failed = PolicyError<String>;

const SECOND: Duration = Duration::from_secs(1);

/// A set of this test's own.
fn threads(most: usize) -> &'static Threads {
    Box::leak(Box::new(Threads::new(most)))
}

fn until(reached: impl Fn() -> bool) {
    while !reached() {
        thread::yield_now();
    }
}

/// Calls an operator that lasts until the sender is dropped, and leaves it behind.
fn leave_one_behind(threads: &'static Threads) -> mpsc::Sender<()> {
    let (go, gone) = mpsc::channel::<()>();
    let run = Context::builder().build();
    let inside = run.clone();
    let failed = run.scope(|| {
        Timeout::attempt(600 * SECOND).unwrap().call_on(threads, move || {
            inside.cancel();
            let _ = gone.recv();
            Ok::<_, Failed>(1)
        })
    });
    assert!(failed.unwrap_err().is_cancelled());
    go
}

// Known of Polly (issues 786 and 1133): a call that was given up was not told so, and nothing showed how many there were.
#[test]
fn a_call_that_is_left_behind_is_counted_until_it_ends() {
    struct Held(mpsc::Sender<()>);
    impl Drop for Held {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    let threads = threads(1);
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).build();
    let (free, freed) = mpsc::channel();
    let started = Arc::new(Barrier::new(2));
    let (go, gone) = mpsc::channel::<()>();
    let (held, inside) = (Held(free), started.clone());
    let (failed, told) = thread::scope(|scope| {
        scope.spawn(|| {
            started.wait();
            clock.until_waiting(1);
            clock.advance(SECOND);
        });
        run.scope(|| {
            let (say, said) = mpsc::channel();
            let failed = Timeout::attempt(SECOND).unwrap().call_on(threads, move || {
                inside.wait();
                gone.recv().unwrap();
                drop(held);
                say.send(Context::current().check()).unwrap();
                Ok::<u8, Failed>(1)
            });
            assert!(freed.try_recv().is_err(), "what it holds, it holds until it ends");
            assert_eq!(threads.abandoned(), 1);
            go.send(()).unwrap();
            (failed, said.recv().unwrap())
        })
    });
    assert!(failed.unwrap_err().is_timeout());
    assert_eq!(told, Err(Stopped::DeadlineExceeded));
    freed.recv().unwrap();
    until(|| threads.abandoned() == 0);
}

#[test]
fn a_call_that_ends_in_time_is_not_left_behind() {
    let threads = threads(1);
    let value = Timeout::attempt(600 * SECOND).unwrap().call_on(threads, || Ok::<_, Failed>(5));
    assert_eq!(value.ok(), Some(5));
    let failed =
        Timeout::attempt(600 * SECOND).unwrap().call_on(threads, || -> Result<u8, Failed> { panic!("boom") });
    assert!(failed.unwrap_err().is_panic());
    assert_eq!((threads.abandoned(), threads.threads()), (0, 1));
}

#[test]
fn r38_a_cancelled_run_leaves_its_call_behind() {
    let threads = threads(1);
    let go = leave_one_behind(threads);
    assert_eq!(threads.abandoned(), 1);
    drop(go);
    until(|| threads.abandoned() == 0);
}

// Known of resilience4j (issue 2296): a call that was given up kept its thread, and later calls starved without a word.
#[test]
fn r19_when_all_threads_run_calls_that_were_left_behind_the_next_call_fails_at_once() {
    let threads = threads(2);
    let timeout = Timeout::attempt(600 * SECOND).unwrap();
    let left = [leave_one_behind(threads), leave_one_behind(threads)];
    assert_eq!((threads.abandoned(), threads.threads()), (2, 2));
    let failed = timeout.call_on(threads, || Ok::<u8, Failed>(1)).unwrap_err();
    assert!(failed.is_full(), "{failed}");
    assert_eq!(failed.to_string(), "the abandonable threads limit is reached");

    drop(left);
    until(|| threads.abandoned() == 0);
    assert_eq!(timeout.call_on(threads, || Ok::<u8, Failed>(1)).ok(), Some(1));
    assert_eq!(threads.threads(), 2);
}

#[test]
fn r19_a_thousand_calls_make_no_more_threads_than_there_may_be() {
    let threads = threads(3);
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                for n in 0..100 {
                    let timeout = Timeout::attempt(600 * SECOND).unwrap();
                    assert_eq!(timeout.call_on(threads, move || Ok::<_, Failed>(n)).ok(), Some(n));
                    assert!(threads.threads() <= 3);
                }
            });
        }
    });
    assert_eq!((threads.abandoned(), threads.in_line()), (0, 0));
}

#[test]
fn a_call_that_finds_no_thread_waits_for_one_as_long_as_it_has_time() {
    let threads = threads(1);
    let clock = ManualClock::new();
    let (go, gone) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            Timeout::attempt(600 * SECOND).unwrap().call_on(threads, move || {
                let _ = gone.recv();
                Ok::<_, Failed>(1)
            })
        });
        until(|| threads.threads() == 1 && threads.in_line() == 0);
        let run = Context::builder().clock(clock.clone()).build();
        let [late, patient] = [1, 2].map(|seconds| {
            let run = run.clone();
            scope.spawn(move || {
                run.scope(|| {
                    Timeout::attempt(seconds * SECOND).unwrap().call_on(threads, || Ok::<_, Failed>(2))
                })
            })
        });
        clock.until_waiting(2);
        assert_eq!(threads.in_line(), 2);
        clock.advance(SECOND);
        assert!(late.join().unwrap().unwrap_err().is_full(), "it was never made, so it did not time out");
        assert_eq!((threads.in_line(), threads.abandoned()), (1, 0));
        drop(go);
        assert_eq!(patient.join().unwrap().ok(), Some(2));
        assert_eq!(first.join().unwrap().ok(), Some(1));
    });
}

#[test]
fn a_call_inside_of_a_call_does_not_wait_for_the_thread_that_it_keeps() {
    let threads = threads(1);
    let timeout = Timeout::attempt(600 * SECOND).unwrap();
    let failed = timeout.call_on(threads, move || timeout.call_on(threads, || Ok::<u8, Failed>(1)));
    assert!(failed.unwrap_err().is_full());
}

#[test]
fn a_run_that_is_cancelled_while_its_call_waits_for_a_thread_does_not_make_it() {
    let threads = threads(1);
    let (go, gone) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            Timeout::attempt(600 * SECOND).unwrap().call_on(threads, move || {
                let _ = gone.recv();
                Ok::<_, Failed>(1)
            })
        });
        until(|| threads.threads() == 1 && threads.in_line() == 0);
        let run = Context::builder().build();
        let waiting = scope.spawn({
            let run = run.clone();
            move || {
                run.scope(|| {
                    Timeout::attempt(600 * SECOND)
                        .unwrap()
                        .call_on(threads, || -> Result<u8, Failed> { unreachable!("it was never made") })
                })
            }
        });
        until(|| threads.in_line() == 1);
        run.cancel();
        assert!(waiting.join().unwrap().unwrap_err().is_cancelled());
        drop(go);
        assert!(first.join().unwrap().is_ok());
    });
}

#[test]
fn r16_the_call_sees_the_earlier_of_the_two_deadlines_on_its_thread() {
    let threads = threads(1);
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock).correlation_id("run").timeout(2 * SECOND).build();
    let seen = |seconds| {
        run.scope(|| {
            Timeout::attempt(seconds * SECOND).unwrap().call_on(threads, || {
                let cx = Context::current();
                Ok::<_, Failed>((cx.remaining().unwrap(), cx.correlation_id().to_owned()))
            })
        })
    };
    assert_eq!(seen(1).ok(), Some((SECOND, "run".to_owned())));
    assert_eq!(seen(5).ok(), Some((2 * SECOND, "run".to_owned())));
}

#[test]
fn the_deadline_of_the_run_is_told_apart_from_the_timeout() {
    let threads = threads(1);
    let clock = ManualClock::new();
    let run = Context::builder().clock(clock.clone()).timeout(SECOND).build();
    let (go, gone) = mpsc::channel::<()>();
    let failed = thread::scope(|scope| {
        scope.spawn(|| {
            clock.until_waiting(1);
            clock.advance(SECOND);
        });
        run.scope(|| {
            Timeout::attempt(5 * SECOND).unwrap().call_on(threads, move || {
                let _ = gone.recv();
                Ok::<u8, Failed>(1)
            })
        })
    });
    assert_eq!(failed.unwrap_err().to_string(), Stopped::DeadlineExceeded.to_string());
    drop(go);
    until(|| threads.abandoned() == 0);
}

#[test]
fn a_value_whose_destructor_panics_harms_nobody_when_nobody_waits_for_it() {
    struct Grim(mpsc::Sender<()>);
    impl Drop for Grim {
        fn drop(&mut self) {
            let _ = self.0.send(());
            panic!("grim");
        }
    }
    impl std::fmt::Debug for Grim {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Grim")
        }
    }

    let threads = threads(1);
    let run = Context::builder().build();
    let (inside, (go, gone), (say, said)) = (run.clone(), mpsc::channel::<()>(), mpsc::channel());
    let failed = run.scope(|| {
        Timeout::attempt(600 * SECOND).unwrap().call_on(threads, move || {
            inside.cancel();
            let _ = gone.recv();
            Ok::<_, Failed>(Grim(say))
        })
    });
    assert!(failed.unwrap_err().is_cancelled());
    drop(go);
    said.recv().unwrap();
    until(|| threads.abandoned() == 0);
    let value = Timeout::attempt(600 * SECOND).unwrap().call_on(threads, || Ok::<_, Failed>(2));
    assert_eq!(value.ok(), Some(2));
}

#[cfg(feature = "parallel")]
#[test]
fn a_call_may_use_the_pool_whose_only_thread_waits_for_it() {
    let threads = threads(1);
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
    let inside = pool.clone();
    let value = pool.install(|| {
        let timeout = Timeout::attempt(600 * SECOND).unwrap();
        timeout.call_on(threads, move || Ok::<_, Failed>(inside.install(rayon::current_num_threads)))
    });
    assert_eq!(value.ok(), Some(1));
}
