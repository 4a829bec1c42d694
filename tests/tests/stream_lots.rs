//! The items of a stream where there are items for all other threads too: none of these is there to help with one, so each runs
//! in order, and says so. What a thread does for others while an item waits is none of it.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};
use std::thread::{self, ThreadId};

use ember::Reason;
use ember::observe::{Event, Form, Observer, What};
use ember::prelude::*;
use ember_tests::{Gate, Minute, pool};

#[operator]
fn same(n: u32) -> u32 {
    n
}

graph! {
    /// Never runs, so nothing is known of its cost.
    fn unknown(n: u32) -> u32 {
        let a = same(n);
        let b = same(n);
        a + b
    }
}

/// Why a run of that graph would go as it does, if it was called here.
fn why() -> Reason {
    Context::builder().strategy(Strategy::Auto).build().scope(|| unknown::explain().reason())
}

#[operator]
fn asks(_: u32) -> Reason {
    why()
}

graph! {
    fn reasons(n: u32) -> Reason {
        asks(n)
    }

    fn halves(n: u32) -> Reason {
        let reason = asks(n);
        let _beside = same(n);
        reason
    }
}

/// Runs something on a thread of a pool of so many, while all others are busy until it has returned.
fn alone<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    let (busy, over) = (Barrier::new(threads), Gate::new());
    pool(threads).in_place_scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|_| {
                busy.wait();
                over.pass();
            });
        }
        let (returned, result) = mpsc::channel();
        let (busy, over) = (&busy, &over);
        scope.spawn(move |_| {
            busy.wait();
            let _ = returned.send(run());
            over.open();
        });
        result.recv().expect("it returned")
    })
}

#[test]
fn items_run_in_order_while_there_is_a_lot_for_each_other_thread() {
    let _minute = Minute::begin();
    // One item a lot. Behind the n-th there are seven less n.
    for (threads, beside_others) in [(2, 7), (4, 5)] {
        let items = || reasons::stream(0..8).in_flight(8).into_iter().map(Result::unwrap).collect();
        let found: Vec<Reason> = alone(threads, items);
        let expected = (0..8).map(|n| if n < beside_others { Reason::Busy } else { Reason::NotMeasured });
        assert!(found.iter().copied().eq(expected), "{threads} threads: {found:?}");
    }
}

/// How runs started.
#[derive(Default)]
struct Starts(Mutex<Vec<(Form, Reason)>>);

impl Observer for Starts {
    fn event(&self, event: &Event<'_>) {
        if let What::RunStarted { form, reason } = event.what() {
            self.0.lock().unwrap().push((form, reason));
        }
    }
}

#[test]
fn an_item_that_runs_in_order_beside_others_tells_why() {
    let _minute = Minute::begin();
    let starts = Arc::new(Starts::default());
    let cx = Context::builder().observer(starts.clone()).build();
    let first = alone(2, || halves::stream(0..8).context(&cx).in_flight(8).into_iter().next());
    assert_eq!(first.unwrap().unwrap(), Reason::Busy);
    assert_eq!(starts.0.lock().unwrap()[0], (Form::StraightLine, Reason::Busy));
}

static HELD: Gate = Gate::new();
static TO_BE_GIVEN_BACK: Gate = Gate::new();

#[operator(concurrency = 1)]
fn narrow(n: u32) -> Result<u32, String> {
    if n == 0 {
        HELD.open();
        TO_BE_GIVEN_BACK.pass();
    }
    Ok(n)
}

graph! {
    fn holds(n: u32) -> Result<u32, ember::Error> {
        let n = narrow(n)?;
        Ok(n)
    }

    fn waits(n: u32) -> Result<[Reason; 2], ember::Error> {
        let before = asks(n);
        #[after(before)]
        let n = if n == 1 { narrow(n)? } else { n };
        let behind = asks(n);
        Ok([before, behind])
    }
}

#[test]
fn a_job_that_a_thread_does_while_an_item_waits_is_none_of_its_lot() {
    let _minute = Minute::begin();
    let job = OnceLock::new();
    thread::scope(|scope| {
        scope.spawn(|| holds(0).unwrap());
        HELD.pass();
        let found = alone(2, || {
            rayon::scope(|jobs| {
                jobs.spawn(|_| {
                    job.set(why()).unwrap();
                    TO_BE_GIVEN_BACK.open();
                });
                waits::stream(1..9).in_flight(8).into_iter().next().unwrap().unwrap()
            })
        });
        assert_eq!(found, [Reason::Busy; 2]);
    });
    assert_eq!(job.into_inner(), Some(Reason::NotMeasured));
}

/// The thread of the item, which waits for another that has taken a part of its run; and that one, until it has helped.
static ITS_THREAD: OnceLock<ThreadId> = OnceLock::new();
static OTHER_IS_FREE: Gate = Gate::new();
static TAKEN: Gate = Gate::new();
static HELPED: Gate = Gate::new();

fn is_its_thread() -> bool {
    ITS_THREAD.get() == Some(&thread::current().id())
}

#[operator]
fn begins(n: u32) -> u32 {
    if n == 0 {
        ITS_THREAD.set(thread::current().id()).unwrap();
        OTHER_IS_FREE.open();
    }
    n
}

#[operator]
fn half(n: u32) -> u32 {
    match n {
        0 if is_its_thread() => TAKEN.pass(),
        0 => {
            TAKEN.open();
            HELPED.pass();
        }
        _ => {}
    }
    n
}

#[operator]
fn meets(other: &Barrier) -> Option<Reason> {
    other.wait();
    is_its_thread().then(why)
}

graph! {
    fn forks(n: u32) -> Reason {
        let reason = asks(n);
        #[after(reason)]
        let n = begins(n);
        let _left = half(n);
        let _right = half(n);
        reason
    }

    fn pair(together: &Barrier) -> Option<Reason> {
        let one = meets(together);
        let other = meets(together);
        one.or(other)
    }
}

#[test]
fn what_a_thread_helps_with_while_a_part_of_an_items_run_is_elsewhere_is_none_of_its_lot() {
    let _minute = Minute::begin();
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().unwrap();
    let cx = Context::builder().strategy(Strategy::Parallel).build();
    let (busy, items) = (Arc::new(Barrier::new(2)), cx.clone());
    let other = busy.clone();
    rayon::spawn(move || {
        other.wait();
        OTHER_IS_FREE.pass();
    });
    let (returned, result) = mpsc::channel();
    rayon::spawn(move || {
        busy.wait();
        let found = forks::stream(0..8).context(&items).in_flight(8).into_iter().next();
        returned.send(found.unwrap().unwrap()).unwrap();
    });
    TAKEN.pass();
    assert_eq!(cx.scope(|| pair(&Barrier::new(2))), Some(Reason::NotMeasured));
    HELPED.open();
    assert_eq!(result.recv().unwrap(), Reason::Busy);
}
