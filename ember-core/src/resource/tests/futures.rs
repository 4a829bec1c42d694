#![cfg(feature = "tokio")]

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};

use super::{of_source, until};
use crate::future::spawn_aside;
use crate::minute::Minute;
use crate::policy::Backoff;
use crate::resource::{AsyncResource, Resource};
use crate::{Context, Runtime, TokioClock};

const SECOND: Duration = Duration::from_secs(1);

/// A loader that takes a second, and the count of its calls.
fn slow(failures: u32) -> (Arc<AtomicU32>, Arc<AsyncResource<u32>>) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let load = move || {
        let call = counted.fetch_add(1, SeqCst) + 1;
        async move {
            tokio::time::sleep(SECOND).await;
            if call <= failures { Err(format!("call {call}")) } else { Ok(call) }
        }
    };
    (calls, Arc::new(Resource::builder().build_async(load).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn r20_a_thousand_futures_load_once() {
    let (calls, resource) = slow(0);
    let mut all = JoinSet::new();
    for _ in 0..1000 {
        all.spawn(resource.get_async());
    }
    while let Some(got) = all.join_next().await {
        assert_eq!(*got.unwrap().unwrap(), 1);
    }
    assert_eq!(calls.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn r36_a_future_that_fails_hands_over() {
    let (calls, resource) = slow(2);
    let (a, b, c, d) =
        tokio::join!(resource.get_async(), resource.get_async(), resource.get_async(), resource.get_async());
    let got: Vec<_> = [a, b, c, d].into_iter().map(|got| got.ok().map(|value| *value)).collect();
    assert_eq!(got, [None, None, Some(3), Some(3)]);
    assert_eq!(calls.load(SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn r36_a_load_that_is_dropped_hands_over() {
    let (calls, resource) = slow(0);
    let first = tokio::time::timeout(SECOND / 2, resource.get_async());
    let (first, second) = tokio::join!(first, resource.get_async());
    assert!(first.is_err());
    assert_eq!(*second.unwrap(), 2);
    assert_eq!(calls.load(SeqCst), 2);
    assert_eq!(resource.status().failures, 0);
}

#[tokio::test(start_paused = true)]
async fn r36_a_loader_that_panics_is_a_failure() {
    static PANICS: AsyncResource<u32> = Resource::new_async(&load);
    async fn load() -> Result<u32, String> {
        yield_now().await;
        panic!("boom")
    }
    let failed = PANICS.get_async().await.unwrap_err();
    assert_eq!(std::error::Error::source(&failed).unwrap().to_string(), "panicked: boom");
    assert!(!PANICS.status().is_loading);
}

#[tokio::test(start_paused = true)]
async fn r38_a_future_that_waits_stops_with_its_context() {
    let resource: Arc<AsyncResource<u32>> =
        Arc::new(Resource::builder().build_async(pending::<Result<u32, String>>).unwrap());
    let leads = tokio::spawn(resource.get_async());
    yield_now().await;
    let cx = Context::builder().clock(TokioClock).timeout(SECOND).build();
    let mut waits = Box::pin(resource.get_async());
    let stopped = std::future::poll_fn(|task| cx.scope(|| waits.as_mut().poll(task))).await.unwrap_err();
    assert!(stopped.is_stopped());
    leads.abort();
    assert!(leads.await.unwrap_err().is_cancelled());
    assert!(!resource.status().is_loading, "nobody is left");
}

#[tokio::test(start_paused = true)]
async fn r36_an_old_value_serves_while_a_task_loads_anew() {
    let _bound = Minute::begin();
    let calls = Arc::new(AtomicU32::new(0));
    let go = Arc::new(Semaphore::new(1));
    let (counted, gate) = (calls.clone(), go.clone());
    let load = move || {
        let (calls, gate) = (counted.clone(), gate.clone());
        async move {
            gate.acquire().await.unwrap().forget();
            Ok::<_, String>(calls.fetch_add(1, SeqCst) + 1)
        }
    };
    let set = Resource::builder().time_to_live(10 * SECOND).clock(TokioClock);
    let resource = set.build_async(load).unwrap();
    assert_eq!(*resource.get_async().await.unwrap(), 1);
    tokio::time::advance(10 * SECOND).await;
    assert_eq!(*resource.get_async().await.unwrap(), 1);
    assert!(resource.status().is_loading);
    go.add_permits(1);
    while resource.status().is_loading {
        yield_now().await;
    }
    assert_eq!(*resource.get_async().await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn r36_all_who_wait_are_told_where_there_is_a_backoff() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let load = move || {
        counted.fetch_add(1, SeqCst);
        async {
            tokio::time::sleep(SECOND).await;
            Err::<u32, _>("down".to_owned())
        }
    };
    let set = Resource::builder().backoff(Backoff::constant(60 * SECOND)).clock(TokioClock);
    let resource = Arc::new(set.build_async(load).unwrap());
    let mut all = JoinSet::new();
    for _ in 0..50 {
        all.spawn(resource.get_async());
    }
    while let Some(got) = all.join_next().await {
        assert!(got.unwrap().unwrap_err().is_failure());
    }
    assert_eq!(calls.load(SeqCst), 1);
    tokio::time::advance(60 * SECOND).await;
    assert!(!resource.get_async().await.unwrap_err().is_held_back());
    assert_eq!(calls.load(SeqCst), 2);
}

#[tokio::test]
async fn r20_a_future_does_not_block_while_a_function_loads() {
    let (source, resource) = of_source(|builder| builder);
    let (a, b) = tokio::join!(resource.get_async(), resource.get_async());
    assert_eq!((*a.unwrap(), *b.unwrap(), source.calls()), (1, 1, 1));
    resource.clear();
    source.go_down(Some("down"));
    assert!(resource.get_async().await.unwrap_err().is_failure());
}

#[tokio::test]
async fn r36_a_load_by_a_function_goes_on_when_the_future_that_began_it_is_dropped() {
    let (source, resource) = of_source(|builder| builder);
    let mut asks = Box::pin(resource.get_async());
    let polled = std::future::poll_fn(|task| std::task::Poll::Ready(asks.as_mut().poll(task).is_ready()));
    let _ = polled.await;
    drop(asks);
    until(|| resource.status().is_loaded());
    assert_eq!((*resource.get().unwrap(), source.calls()), (1, 1));
}

#[tokio::test]
async fn r38_a_future_whose_run_stops_leaves_a_load_by_a_function_to_itself() {
    let _bound = Minute::begin();
    let (tell, told) = mpsc::channel::<u32>();
    let told = std::sync::Mutex::new(told);
    let load = move || {
        let told = told.lock().unwrap().recv().map_err(|gone| gone.to_string());
        Context::current().check().map_err(|why| why.to_string())?;
        told
    };
    let resource = Box::leak(Box::new(Resource::builder().build(load).unwrap()));
    let cx = Context::builder().build();
    let mut asks = Box::pin(resource.get_async());
    let mut poll = std::future::poll_fn(|task| {
        let polled = cx.scope(|| asks.as_mut().poll(task));
        cx.cancel();
        polled
    });
    assert!((&mut poll).await.unwrap_err().is_stopped());
    tell.send(4).unwrap();
    until(|| resource.status().is_loaded());
    assert_eq!(*resource.get_async().await.unwrap(), 4);
    assert_eq!((resource.status().loads, resource.status().failures), (1, 0));
}

#[tokio::test]
async fn r36_a_thread_that_waits_does_the_load_for_which_there_is_no_thread() {
    let _bound = Minute::begin();
    let runtime = Runtime::builder().threads(1).blocking_threads(1).build().unwrap();
    let cx = runtime.request().build();
    let (source, resource) = of_source(|builder| builder);
    // The one thread that may block asks for what is queued behind it.
    let (go, gone) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let job = move || {
        gone.recv().unwrap();
        tell.send(resource.get()).unwrap();
    };
    spawn_aside(&cx, Box::new(job));
    let mut asks = Box::pin(resource.get_async());
    let polled = std::future::poll_fn(|task| {
        std::task::Poll::Ready(cx.scope(|| asks.as_mut().poll(task)).is_pending())
    });
    assert!(polled.await && resource.status().is_loading);
    go.send(()).unwrap();
    assert_eq!(*told.recv().unwrap().unwrap(), 1);
    assert_eq!(*asks.await.unwrap(), 1);
    assert_eq!((source.calls(), resource.status().loads), (1, 1));
}
