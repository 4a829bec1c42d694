//! Most of what a runtime does shows in graphs: `tests/tests/runtimes.rs`.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::{BuildError, Priority, Runtime, Shutdown};
use crate::{Context, Stopped, Strategy};

#[test]
fn settings_out_of_bounds_are_refused() {
    let said = |builder: super::RuntimeBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(
        said(Runtime::builder().threads(0)),
        "runtime: `threads` is 0, and must be between 1 and 4096"
    );
    assert_eq!(
        said(Runtime::builder().stack_size(1)),
        "runtime: `stack_size` is 1, and must be between 64 KiB and 1 GiB"
    );
    assert_eq!(
        said(Runtime::builder().blocking_threads(5000)),
        "runtime: `blocking_threads` is 5000, and must be between 1 and 4096"
    );
    assert_eq!(
        said(Runtime::builder().thread_name("a\0b")),
        "runtime: `thread_name` is \"a\\0b\", and must be without NUL"
    );
    assert_eq!(
        said(Runtime::builder().deadline(Duration::ZERO)),
        "runtime: `deadline` is 0s, and must be longer than nothing"
    );
}

#[test]
fn its_contexts_take_over_its_defaults() {
    let runtime = Runtime::builder()
        .threads(1)
        .strategy(Strategy::Parallel)
        .priority(Priority::Bulk)
        .deadline(Duration::from_mins(1))
        .build()
        .unwrap();
    let (one, two) = (runtime.request().build(), runtime.request().build());
    assert_eq!((one.strategy(), one.priority()), (Some(Strategy::Parallel), Priority::Bulk));
    assert!(one.remaining().unwrap() > Duration::from_secs(50));
    assert_ne!(one.correlation_id(), two.correlation_id());
    let below = Context::builder().parent(&one).priority(Priority::Interactive).threads(3).build();
    assert_eq!((below.priority(), below.threads()), (Priority::Interactive, Some(3)));
    assert_eq!(below.runtime_name().as_deref(), Some("ember"));
    assert_eq!(Context::builder().build().runtime_name(), None);
}

#[test]
fn its_end_cancels_what_runs_and_waits_for_it() {
    let runtime = Runtime::builder().threads(1).build().unwrap();
    let cx = runtime.request().build();
    let (begun, has_begun) = channel();
    let request = std::thread::spawn(move || {
        cx.scope(|| {
            begun.send(()).unwrap();
            while Context::current().check().is_ok() {
                std::thread::yield_now();
            }
            Context::current().check()
        })
    });
    has_begun.recv().unwrap();
    assert_eq!(runtime.running(), 1);
    let end = runtime.shutdown(Duration::ZERO);
    assert_eq!(end, Shutdown { cancelled: 1, ..Shutdown::default() });
    assert!(end.is_clean());
    assert_eq!(request.join().unwrap(), Err(Stopped::Cancelled));
}

#[test]
fn its_end_tells_of_a_run_that_does_not_ask() {
    let runtime = Runtime::builder().threads(1).grace(Duration::ZERO).build().unwrap();
    let cx = runtime.request().build();
    let (begun, has_begun) = channel();
    let (go, may_go) = channel();
    let request = std::thread::spawn(move || {
        cx.scope(|| {
            begun.send(()).unwrap();
            may_go.recv().unwrap();
        });
    });
    has_begun.recv().unwrap();
    let end = runtime.shutdown(Duration::ZERO);
    assert_eq!((end.cancelled, end.runs), (1, 1));
    assert!(!end.is_clean());
    go.send(()).unwrap();
    request.join().unwrap();
}

#[test]
fn a_pool_that_was_handed_in_lives_on() {
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    let runtime = Runtime::builder().pool(pool.clone()).build().unwrap();
    assert_eq!(runtime.threads(), 2);
    assert!(runtime.shutdown(Duration::from_secs(1)).is_clean());
    assert_eq!(pool.install(|| 7), 7);
    assert_eq!(Arc::strong_count(&pool), 1);
}

#[test]
fn dropped_on_a_thread_of_its_own_it_does_not_wait_for_itself() {
    let runtime = Runtime::builder().threads(1).grace(Duration::from_hours(1)).build().unwrap();
    let (done, is_done) = channel();
    let crew = runtime.shared.crew();
    crew.pool().spawn(move || {
        drop(runtime);
        done.send(()).unwrap();
    });
    is_done.recv().unwrap();
}

#[test]
fn r14_the_global_one_is_made_once() {
    let seen = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| std::ptr::from_ref(Runtime::global()).addr())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(seen.iter().all(|&one| one == seen[0]));
    assert!(matches!(Runtime::builder().build_global(), Err(BuildError::AlreadyThere)));
}
