use std::convert::Infallible;
use std::error::Error;
use std::num::TryFromIntError;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Barrier, LazyLock, Mutex, Once, mpsc};
use std::thread;

use super::{of_source, until};
use crate::minute::Minute;
use crate::resource::{LoadError, Resource};
use crate::{Context, Stopped};

#[test]
fn r36_many_threads_load_once() {
    let (source, resource) = of_source(|builder| builder);
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                barrier.wait();
                assert_eq!(*resource.get().unwrap(), 1);
            });
        }
    });
    assert_eq!(source.calls(), 1);
    let status = resource.status();
    assert!(status.is_loaded() && !status.is_loading && status.failed.is_none());
    assert_eq!((status.loads, status.failures, status.waiting), (1, 0, 0));
}

#[test]
fn r36_a_static_is_a_resource() {
    static LOADS: AtomicU64 = AtomicU64::new(0);
    fn load() -> Result<u32, TryFromIntError> {
        u32::try_from(LOADS.fetch_add(1, SeqCst) + 1)
    }
    static PLAIN: Resource<u32> = Resource::new(&load);
    static SET: LazyLock<Resource<u32>> =
        LazyLock::new(|| Resource::builder().name("set").build(load).expect("a name is all right"));
    assert_eq!((*PLAIN.get().unwrap(), *PLAIN.get().unwrap()), (1, 1));
    assert_eq!((*SET.get().unwrap(), *SET.get().unwrap()), (2, 2));
}

#[test]
fn r36_a_failed_load_can_be_tried_again() {
    let (source, resource) = of_source(|builder| builder.name("model"));
    source.go_down(Some("no disk"));
    let failed = resource.get().unwrap_err();
    assert!(failed.is_failure() && !failed.is_held_back());
    assert_eq!(failed.to_string(), "`model` could not be loaded");
    assert_eq!(failed.source().unwrap().to_string(), "no disk");
    let status = resource.status();
    assert_eq!(status.failed.unwrap().cause().to_string(), "no disk");

    source.go_down(None);
    assert_eq!(*resource.get().unwrap(), 2);
    let status = resource.status();
    assert!(status.failed.is_none());
    assert_eq!((status.loads, status.failures), (2, 1));
}

#[test]
fn r36_a_load_that_panics_is_a_failure_and_can_be_tried_again() {
    let (source, resource) = of_source(|builder| builder);
    source.go_down(Some("panic"));
    let failed = resource.get().unwrap_err();
    assert_eq!(failed.source().unwrap().to_string(), "panicked: boom");
    source.go_down(None);
    assert_eq!(*resource.get().unwrap(), 2);
}

/// A loader that waits until it is told how to end.
fn told() -> (mpsc::Sender<Result<u32, &'static str>>, &'static Resource<u32>) {
    let (tell, told) = mpsc::channel::<Result<u32, &'static str>>();
    let told = Mutex::new(told);
    let load = move || told.lock().unwrap().recv().unwrap().map_err(str::to_owned);
    (tell, Box::leak(Box::new(Resource::builder().build(load).unwrap())))
}

#[test]
fn r36_of_those_who_wait_the_next_loads_where_one_has_failed() {
    let (tell, resource) = told();
    thread::scope(|scope| {
        let askers: Vec<_> = (0..4).map(|_| scope.spawn(|| resource.get())).collect();
        until(|| resource.status().waiting == 3);
        tell.send(Err("down")).unwrap();
        tell.send(Err("still down")).unwrap();
        tell.send(Ok(7)).unwrap();
        let (good, bad): (Vec<_>, Vec<_>) =
            askers.into_iter().map(|asker| asker.join().unwrap()).partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (2, 2));
        assert!(good.into_iter().all(|value| *value.unwrap() == 7));
    });
    assert_eq!((resource.status().loads, resource.status().failures), (3, 2));
}

#[test]
fn r38_one_that_waits_can_be_cancelled_and_the_load_goes_on() {
    let (tell, resource) = told();
    let cx = Context::builder().build();
    thread::scope(|scope| {
        let leader = scope.spawn(|| resource.get());
        until(|| resource.status().is_loading);
        let waits = scope.spawn(|| cx.scope(|| resource.get()));
        until(|| resource.status().waiting == 1);
        cx.cancel();
        let stopped = waits.join().unwrap().unwrap_err();
        assert!(stopped.is_stopped() && !stopped.is_failure());
        assert_eq!(stopped.why_stopped(), Some(Stopped::Cancelled));
        tell.send(Ok(3)).unwrap();
        assert_eq!(*leader.join().unwrap().unwrap(), 3);
    });
    assert_eq!((resource.status().waiting, resource.status().failures), (0, 0));
}

#[test]
fn r18_a_load_of_a_run_that_was_stopped_leaves_nothing_behind() {
    let cx = Context::builder().build();
    let asks = Resource::builder()
        .backoff(crate::policy::Backoff::default())
        .build(|| {
            Context::current().cancel();
            Context::current().check().map(|()| 1)
        })
        .unwrap();
    let stopped = cx.scope(|| asks.get()).unwrap_err();
    assert!(stopped.is_stopped());
    let status = asks.status();
    assert!(status.failed.is_none() && !status.is_loading && !status.is_loaded());
}

#[test]
fn r36_a_load_that_needs_itself_is_told_so() {
    static ITSELF: Resource<u32> = Resource::new(&|| ITSELF.get().map(|value| *value + 1));
    let failed = ITSELF.get().unwrap_err();
    let cause = failed.source().unwrap().downcast_ref::<LoadError>().unwrap();
    assert!(failed.is_failure() && cause.is_circular());
    assert!(cause.to_string().ends_with("needs itself to be loaded"), "{cause}");
    assert_eq!(ITSELF.status().loads, 1);
}

#[test]
fn r36_two_resources_that_need_each_other_end_with_an_error() {
    static BOTH: Barrier = Barrier::new(2);
    static HEADS: Resource<u32> = Resource::new(&|| {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| _ = BOTH.wait());
        TAILS.get().map(|value| *value)
    });
    static TAILS: Resource<u32> = Resource::new(&|| {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| _ = BOTH.wait());
        HEADS.get().map(|value| *value)
    });
    let _bound = Minute::begin();
    // At first each is being loaded when the other asks for it.
    for _ in 0..200 {
        thread::scope(|scope| {
            let asking = [scope.spawn(|| HEADS.get()), scope.spawn(|| TAILS.get())];
            for asks in asking {
                assert!(asks.join().unwrap().unwrap_err().is_failure());
            }
        });
    }
    assert!(!HEADS.status().is_loading && !TAILS.status().is_loading);
}

#[test]
fn r36_one_resource_may_be_made_of_another() {
    static BASE: Resource<u32> = Resource::new(&|| Ok::<_, Infallible>(20));
    static MORE: Resource<u32> = Resource::new(&|| BASE.get().map(|base| *base + 1));
    assert_eq!(*MORE.get().unwrap(), 21);
    assert_eq!((BASE.status().loads, MORE.status().loads), (1, 1));
}

#[test]
fn r20_a_reload_takes_the_value_from_nobody() {
    let (source, resource) = of_source(|builder| builder);
    let lent = resource.get().unwrap();
    assert_eq!(*resource.reload().unwrap(), 2);
    assert_eq!((*lent, *resource.get().unwrap()), (1, 2));
    assert_eq!(Arc::strong_count(&lent), 1, "and the resource has let it go");

    source.go_down(Some("down"));
    assert!(resource.reload().is_err());
    assert_eq!(*resource.get().unwrap(), 2, "a reload that fails keeps the old one");
    assert_eq!(resource.status().failures, 1);
}

#[test]
fn r36_while_a_reload_is_under_way_the_old_value_serves() {
    let (tell, resource) = told();
    tell.send(Ok(1)).unwrap();
    assert_eq!(*resource.get().unwrap(), 1);
    thread::scope(|scope| {
        let reload = scope.spawn(|| resource.reload());
        until(|| resource.status().is_loading);
        assert_eq!(*resource.get().unwrap(), 1);
        tell.send(Ok(2)).unwrap();
        assert_eq!(*reload.join().unwrap().unwrap(), 2);
    });
}

#[test]
fn r36_a_load_that_hangs_can_be_left_alone() {
    let (tell, resource) = told();
    thread::scope(|scope| {
        let hangs = scope.spawn(|| resource.get());
        until(|| resource.status().is_loading);
        let waits = scope.spawn(|| resource.get());
        until(|| resource.status().waiting == 1);
        // The one who waits begins anew, behind the loader's own lock.
        resource.clear();
        until(|| resource.status().loads == 2);
        tell.send(Ok(1)).unwrap();
        tell.send(Ok(2)).unwrap();
        let mut got = [*hangs.join().unwrap().unwrap(), *waits.join().unwrap().unwrap()];
        assert_eq!(*resource.get().unwrap(), got[1]);
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
    assert_eq!(resource.status().detached, 1);
}

#[test]
fn r18_a_value_that_is_cleared_is_dropped_when_nobody_has_it() {
    let drops = Arc::new(());
    let held = drops.clone();
    let resource = Resource::builder().build(move || Ok::<_, Infallible>(held.clone())).unwrap();
    let lent = resource.get().unwrap();
    assert_eq!(Arc::strong_count(&drops), 3);
    resource.clear();
    assert_eq!(Arc::strong_count(&drops), 3);
    drop(lent);
    assert_eq!(Arc::strong_count(&drops), 2);
    drop(resource);
    assert_eq!(Arc::strong_count(&drops), 1);
}

#[test]
fn a_destructor_may_ask_for_the_resource() {
    struct Asks;
    impl Drop for Asks {
        fn drop(&mut self) {
            assert!(ASKED.peek().is_none());
        }
    }
    static ASKED: Resource<Asks> = Resource::new(&|| Ok::<_, Infallible>(Asks));
    assert!(ASKED.get().is_ok());
    ASKED.clear();
}

#[test]
fn in_a_context_another_value_stands_in_its_place() {
    let (source, resource) = of_source(|builder| builder);
    let (_, other) = of_source(|builder| builder);
    let outer = Context::builder().resource(resource, 40).resource(resource, 41).build();
    let inner = Context::builder().parent(&outer).resource(other, 50).build();
    outer.scope(|| {
        assert_eq!(*resource.get().unwrap(), 41);
        assert_eq!(resource.peek().as_deref(), Some(&41));
        inner.scope(|| assert_eq!((*resource.get().unwrap(), *other.get().unwrap()), (41, 50)));
        assert_eq!(*other.get().unwrap(), 1);
    });
    assert_eq!(source.calls(), 0);
    assert_eq!(*resource.get().unwrap(), 1);
}
