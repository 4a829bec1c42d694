//! What is full, and what calls wait for that no thread is there for: degraded, with a reason that names it, until it is drained.
//! A process of its own: the list of states is one.
#![allow(
    clippy::float_cmp,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "they are counts, and the operators as plain as can be"
)]

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{self, Context as Task, Waker};
use std::time::Duration;
use std::{future, thread};

use ember::health::{Health, Status};
use ember::policy::{PolicyError, Timeout};
use ember::prelude::*;
use ember::watch::{self, State};
use ember::{AsyncResource, ManualClock, Resource, Runtime};
use ember_tests::Minute;
use ember_tests::metered::Metered;

/// One test at a time: each looks at the health of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why the process is degraded, as far as it concerns this owner.
fn reason(owner: &str) -> Option<String> {
    let report = Health::default().report();
    let reason = report.reasons.iter().find(|reason| &*reason.of == owner)?;
    assert_eq!((report.status, reason.status), (Status::Degraded, Status::Degraded));
    Some(reason.to_string())
}

fn state(owner: &str, kind: &str) -> Option<State> {
    let is = |seen: &watch::Watched| &*seen.owner == owner && seen.state.kind() == kind;
    watch::states().into_iter().find(is).map(|seen| seen.state)
}

fn troubled(owner: &str, kind: &str) -> f64 {
    gauge("ember_states_troubled", owner, kind)
}

fn gauge(metric: &str, owner: &str, kind: &str) -> f64 {
    Metered::default().scrape().number(&format!(r#"{metric}{{kind="{kind}",owner="{owner}"}}"#))
}

fn until(reached: impl Fn() -> bool) {
    while !reached() {
        thread::yield_now();
    }
}

/// Opens once.
#[derive(Default)]
struct Door(Mutex<bool>, Condvar);

impl Door {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }
}

#[operator(batch(max = 2, wait = "1h", queue = 2, in_flight = 1))]
fn embed(doors: &[Arc<Door>]) -> Result<Vec<usize>, String> {
    doors[0].pass();
    Ok(vec![1; doors.len()])
}

graph! {
    fn embedded(door: Arc<Door>) -> Result<usize, ember::Error> {
        let length = embed(door)?;
        Ok(length)
    }
}

#[test]
fn r42_a_batcher_is_degraded_while_as_many_items_wait_as_may() {
    let _bound = Minute::begin();
    let _alone = alone();
    let door = Arc::new(Door::default());
    let waiting = |n| state("embed", "batcher").is_some_and(|state| state.waiting() == Some(n));
    thread::scope(|scope| {
        let mut runs = Vec::new();
        for (items, flies) in [(2, true), (1, false)] {
            runs.extend((0..items).map(|_| scope.spawn(|| embedded(door.clone()))));
            until(|| {
                waiting(usize::from(!flies))
                    && matches!(state("embed", "batcher"), Some(State::Batcher { in_flight: 1, .. }))
            });
        }
        assert_eq!((reason("embed"), troubled("embed", "batcher")), (None, 0.0));
        runs.push(scope.spawn(|| embedded(door.clone())));
        until(|| waiting(2));
        assert_eq!(reason("embed").unwrap(), "embed (batcher): 2 wait, and no more may");
        assert_eq!((troubled("embed", "batcher"), gauge("ember_waiting", "embed", "batcher")), (1.0, 2.0));
        assert!(embedded(door.clone()).unwrap_err().is_limited());
        let text = state("embed", "batcher").unwrap().to_string();
        assert_eq!(text, "1 batches under way, 2 items in 1 batches, 2 of 2 wait, 1 turned away");
        door.open();
        assert!(runs.into_iter().all(|run| run.join().unwrap().unwrap() == 1));
    });
    assert_eq!((reason("embed"), troubled("embed", "batcher")), (None, 0.0));
}

#[test]
fn r42_a_resource_is_degraded_while_as_many_wait_for_it_as_may() {
    let _bound = Minute::begin();
    let _alone = alone();
    let is_there = Arc::new(AtomicBool::new(false));
    let there = is_there.clone();
    let load = move || {
        let there = there.clone();
        future::poll_fn(move |_| {
            if there.load(SeqCst) { task::Poll::Ready(Ok::<u32, String>(7)) } else { task::Poll::Pending }
        })
    };
    let model: Arc<AsyncResource<u32>> =
        Arc::new(Resource::builder().name("model").build_async(load).unwrap());
    let mut task = Task::from_waker(Waker::noop());
    let ask = || -> Asks {
        let got = model.get_async();
        Box::pin(async { got.await.map(|value| *value) })
    };
    // The first loads, all others wait.
    let mut asking: Vec<_> = (0..1 << 16).map(|_| ask()).collect();
    for asks in &mut asking {
        assert!(asks.as_mut().poll(&mut task).is_pending());
    }
    assert_eq!((reason("model"), troubled("model", "resource")), (None, 0.0));
    let mut last = ask();
    assert!(last.as_mut().poll(&mut task).is_pending());
    assert_eq!(reason("model").unwrap(), "model (resource): 65536 wait, and no more may");
    assert_eq!(troubled("model", "resource"), 1.0);
    assert!(matches!(ask().as_mut().poll(&mut task), task::Poll::Ready(Err(error)) if error.is_busy()));
    assert_eq!((model.status().waiting, model.status().refused), (1 << 16, 1));
    is_there.store(true, SeqCst);
    assert!(asking.iter_mut().all(|asks| matches!(asks.as_mut().poll(&mut task), task::Poll::Ready(Ok(7)))));
    assert_eq!((reason("model"), troubled("model", "resource")), (None, 0.0));
}

type Asks = Pin<Box<dyn Future<Output = Result<u32, ember::resource::LoadError>>>>;

#[operator(blocking)]
fn reads(door: &Door) -> u32 {
    door.pass();
    7
}

graph! {
    async fn read(door: Arc<Door>) -> u32 {
        let value = reads(&door);
        value
    }
}

#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "it keeps other tests waiting, each on a thread of its own")]
async fn r42_a_runtime_is_degraded_while_calls_wait_for_its_blocking_threads() {
    let _alone = alone();
    let runtime = Runtime::builder().thread_name("crowded").blocking_threads(1).build().unwrap();
    let door = Arc::new(Door::default());
    let taken = || match state("crowded-blocking", "threads") {
        Some(State::Threads { threads: 1, in_use, waiting, .. }) => in_use + waiting,
        other => panic!("{other:?}"),
    };
    assert!(state("crowded-blocking", "threads").is_none(), "nothing has blocked yet");
    let mut runs = tokio::task::JoinSet::new();
    runs.spawn(runtime.scope(|| read(door.clone())));
    while state("crowded-blocking", "threads").is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!((reason("crowded-blocking"), taken()), (None, 1), "one is what there may be");
    runs.spawn(runtime.scope(|| read(door.clone())));
    while taken() < 2 {
        tokio::task::yield_now().await;
    }
    let told = "crowded-blocking (threads): all 1 threads are taken, and 1 calls wait";
    assert_eq!(reason("crowded-blocking").unwrap(), told);
    let of = |metric| gauge(metric, "crowded-blocking", "threads");
    assert_eq!(
        (of("ember_states_troubled"), of("ember_permits_in_use"), of("ember_waiting")),
        (1.0, 1.0, 1.0)
    );
    door.open();
    assert_eq!(runs.join_all().await, [7, 7]);
    until(|| taken() == 0);
    assert_eq!((reason("crowded-blocking"), troubled("crowded-blocking", "threads")), (None, 0.0));
    drop(runtime);
    assert!(state("crowded-blocking", "threads").is_none(), "its threads have gone");
}

type Called = Result<u32, PolicyError<String>>;

#[test]
fn r42_calls_that_were_left_behind_degrade_until_they_end() {
    let _alone = alone();
    let (door, clock) = (Arc::new(Door::default()), ManualClock::new());
    let run = Context::builder().clock(clock.clone()).build();
    let inside = door.clone();
    let failed: Called = thread::scope(|scope| {
        let call = scope.spawn(|| {
            run.scope(|| {
                let timeout = Timeout::attempt(Duration::from_secs(1)).unwrap();
                timeout.call_abandoning(move || {
                    inside.pass();
                    Ok(1)
                })
            })
        });
        clock.until_waiting(1);
        until(|| matches!(state("ember-abandonable", "threads"), Some(State::Threads { in_use: 1, .. })));
        assert_eq!(reason("process"), None);
        clock.advance(Duration::from_secs(1));
        call.join().unwrap()
    });
    assert!(failed.unwrap_err().is_timeout());
    let told = "process (timeout): 1 calls run on after their time was up, of 64 that may";
    assert_eq!(reason("process").unwrap(), told);
    assert_eq!(Metered::default().scrape().number("ember_calls_left_behind"), 1.0);
    door.open();
    until(|| ember::policy::abandoned() == 0);
    assert_eq!(reason("process"), None);
}

#[test]
fn r42_calls_that_wait_for_a_thread_on_which_they_may_be_left_behind_degrade() {
    let _alone = alone();
    let door = Arc::new(Door::default());
    let call = || {
        let door = door.clone();
        let called: Called = Timeout::attempt(Duration::from_hours(1)).unwrap().call_abandoning(move || {
            door.pass();
            Ok(1)
        });
        called
    };
    let seen = || match state("ember-abandonable", "threads") {
        Some(State::Threads { threads: 64, in_use, waiting, .. }) => (in_use, waiting),
        _ => (0, 0),
    };
    thread::scope(|scope| {
        let mut calls: Vec<_> = (0..64).map(|_| scope.spawn(call)).collect();
        until(|| seen() == (64, 0));
        assert_eq!(reason("ember-abandonable"), None);
        calls.push(scope.spawn(call));
        until(|| seen() == (64, 1));
        let told = "ember-abandonable (threads): all 64 threads are taken, and 1 calls wait";
        assert_eq!(reason("ember-abandonable").unwrap(), told);
        door.open();
        assert!(calls.into_iter().all(|call| call.join().unwrap().is_ok()));
    });
    assert_eq!(reason("ember-abandonable"), None);
}

#[operator(limit(concurrency = 2, queue = 1, key = |tenant| tenant.to_owned()))]
fn ask(tenant: &str, door: &Door) -> Result<usize, String> {
    door.pass();
    Ok(tenant.len())
}

graph! {
    fn asked(tenant: &str, door: &Door) -> Result<usize, ember::Error> {
        let answer = ask(tenant, door)?;
        Ok(answer)
    }
}

#[test]
fn r42_of_limits_by_key_all_keys_are_one_in_health_and_in_metrics() {
    let _bound = Minute::begin();
    let _alone = alone();
    let door = Door::default();
    let seen = || match state("ask", "concurrency") {
        Some(State::ByKey { keys, troubled, in_use, waiting, .. }) => (keys, troubled, in_use, waiting),
        _ => (0, 0, None, None),
    };
    thread::scope(|scope| {
        // Three calls of one tenant fill its line, one of another goes through.
        let calls: Vec<_> = ["tenant-a", "tenant-b", "tenant-a", "tenant-a"]
            .into_iter()
            .map(|tenant| scope.spawn(|| asked(tenant, &door)))
            .collect();
        until(|| seen() == (2, 1, Some(3), Some(1)));
        assert_eq!(reason("ask").unwrap(), "ask (concurrency): 1 of 2 keys: 1 wait, and no more may");
        let of = |metric| gauge(metric, "ask", "concurrency");
        assert_eq!(
            (of("ember_states_troubled"), of("ember_permits_in_use"), of("ember_waiting")),
            (1.0, 3.0, 1.0)
        );
        assert!(!Metered::default().text().contains("tenant"), "no key is a label");
        assert_eq!(
            state("ask", "concurrency").unwrap().to_string(),
            "2 keys, 1 in trouble, 3 in use, 1 wait"
        );
        door.open();
        assert!(calls.into_iter().all(|call| call.join().unwrap().is_ok()));
    });
    assert_eq!((reason("ask"), seen()), (None, (2, 0, Some(0), Some(0))));
}
