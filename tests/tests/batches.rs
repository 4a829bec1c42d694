//! `name::batch(..)`: many inputs, a result for each.

#![allow(
    clippy::multiple_bound_locations,
    clippy::needless_lifetimes,
    clippy::elidable_lifetime_names,
    clippy::zero_sized_map_values,
    reason = "signatures of every form are what is tested"
)]

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::num::ParseIntError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Mutex, OnceLock};

use ember::batch::{Cause, NotBegun, Report};
use ember::prelude::*;
use ember::{BatchError, Stopped};
use ember_tests::{Gate, Ledger, Minute, Tracked, everywhere};

#[operator]
fn parse(text: &str) -> Result<u32, ParseIntError> {
    text.parse()
}

#[operator]
fn half(n: u32) -> u32 {
    assert!(n.is_multiple_of(2), "{n} is odd");
    n / 2
}

graph! {
    fn number(text: &str) -> Result<u32, ember::Error> {
        let n = parse(text)?;
        Ok(n)
    }

    fn halved(n: u32) -> u32 {
        half(n)
    }
}

/// `Some` value or the number of an item without one.
fn told<T: Copy, E>(report: &Report<T, E>) -> Vec<Result<T, usize>> {
    report.iter().map(|result| result.copied().map_err(BatchError::index)).collect()
}

/// The error of an item that has one.
fn error_of<T: Debug, E: Debug>(report: &Report<T, E>, index: usize) -> &BatchError<E> {
    report.get(index).unwrap().unwrap_err()
}

#[test]
fn r33_an_input_that_fails_costs_no_other() {
    everywhere(|_| {
        let report = number::batch(["1", "x", "3"]).run();
        assert_eq!(told(&report), [Ok(1), Err(1), Ok(3)]);
        assert_eq!(report.stopped(), None);
        let error = &report.errors()[0];
        assert_eq!(error.error().map(ember::Error::node), Some("n"));
        assert_eq!(
            format!("{error:#}"),
            "item 1: node `n` (operator `parse`) of graph `number` failed: invalid digit found in string"
        );
        assert!(report.all().is_err_and(|error| error.index() == 1));
    });
}

#[test]
fn r33_an_input_that_panics_costs_no_other() {
    everywhere(|_| {
        let report = halved::batch(0..6).run();
        assert_eq!(told(&report), [Ok(0), Err(1), Ok(1), Err(3), Ok(2), Err(5)]);
        let error = error_of(&report, 3);
        let Cause::Panicked(panic) = error.cause() else { panic!("{error:?}") };
        assert!(panic.is_panic());
        assert!(panic.panic_message().is_some_and(|text| text.contains("3 is odd")), "{panic}");
        let told = "item 3: node `result` (operator `half`) of graph `halved` panicked: 3 is odd";
        assert_eq!(format!("{error:#}"), told);
    });
}

graph! {
    fn both(text: &str, n: u32) -> Result<u32, ember::Error> {
        let parsed = parse(text)?;
        let half = half(n);
        Ok(parsed + half)
    }
}

#[test]
fn r33_items_so_small_that_many_run_at_once_end_as_each_alone() {
    let items = |i: u32| (if i % 7 == 3 { "x" } else { "5" }, if i % 11 == 5 { 1 } else { 2 * i });
    let shown = |result: Result<u32, &ember::Error>| result.map_err(|error| format!("{error:#}"));
    let expected: Vec<_> =
        (0..3000).map(|i| shown(both(items(i).0, items(i).1).as_ref().map(|value| *value))).collect();
    everywhere(|_| {
        // It is known to be small by now.
        let report = both::batch((0..3000).map(items)).run();
        let given: Vec<_> = report
            .iter()
            .map(|result| shown(result.copied().map_err(|error| error.error().unwrap())))
            .collect();
        assert_eq!(given, expected);
        assert!(report.iter().zip(0..).all(|(result, i)| result.map_or_else(BatchError::index, |_| i) == i));
    });
}

#[derive(Clone, Copy)]
struct View<'a>(&'a str);

#[operator]
fn first<'a>(view: View<'a>) -> View<'a> {
    View(&view.0[..1])
}

#[operator]
fn count<K: Hash + Eq, const N: usize>(keys: &[K; N]) -> usize {
    keys.iter().map(|key| (key, ())).collect::<HashMap<_, _>>().len()
}

#[operator]
fn shown(value: impl Display, f: impl Fn(u8) -> u8) -> String {
    format!("{value}{}", f(1))
}

#[operator]
fn nothing() {}

#[operator]
fn id(cx: &Context, n: u8) -> (u8, String) {
    (n, cx.correlation_id().to_owned())
}

#[operator]
fn added(items: &mut Vec<u8>, n: u8) {
    items.push(n);
}

graph! {
    fn hidden(view: View) -> View {
        first(view)
    }

    fn named<'a, 'b: 'a>(a: &'a str, b: &'b str) -> Result<&'a str, ember::Error> {
        let a = parse(a)?;
        let b = { if a == 0 { b } else { "" } };
        Ok(b)
    }

    fn elided(text: &str, n: usize) -> Option<&str> {
        text.get(n..)
    }

    fn counted<K: Hash + Eq + Sync, const N: usize>(keys: &[K; N]) -> usize
    where
        K: Clone,
    {
        count(keys)
    }

    fn by_trait(value: impl Display, f: impl Fn(u8) -> u8) -> String {
        shown(value, f)
    }

    fn by_pattern((a, b): (u8, u8), [c, d]: [u8; 2]) -> u8 {
        a + b + c + d
    }

    fn unit() {
        nothing();
    }

    fn with_context(cx: &Context, n: u8) -> (u8, String) {
        let _ = { cx.check() };
        id(n)
    }

    fn exclusive(items: &mut Vec<u8>, n: u8) -> usize {
        added(items, n);
        items.len()
    }

    #[cfg(not(test))]
    fn left_out(n: u8) -> u8 { n }
}

#[test]
fn r33_signatures_of_all_kinds_have_batches() {
    let text = String::from("abc");
    let values = hidden::batch([View(&text), View("de")]).run().all().unwrap();
    assert_eq!(values.iter().map(|view| view.0).collect::<Vec<_>>(), ["a", "d"]);
    assert_eq!(named::batch(vec![("0", &*text)]).run().all().unwrap(), ["abc"]);
    assert_eq!(elided::batch([(&*text, 1), ("x", 2)]).run().all().unwrap(), [Some("bc"), None]);
    assert_eq!(counted::batch(&[[1, 1, 2], [1, 2, 3]]).run().all().unwrap(), [2, 3]);
    let more = 3;
    let values = by_trait::batch((0..3).map(|i| (i, |n: u8| n + more))).run().all().unwrap();
    assert_eq!(values, ["04", "14", "24"]);
    assert_eq!(by_pattern::batch([((1, 2), [3, 4])]).run().all().unwrap(), [10]);
    assert_eq!(unit::batch([(), ()]).run().len(), 2);
    let mut lists = [vec![1], vec![]];
    let lengths = exclusive::batch(lists.iter_mut().zip(5..)).run().all().unwrap();
    assert_eq!((lengths, lists), (vec![2, 1], [vec![1, 5], vec![6]]));
    assert!(unit::batch([]).run().is_empty());
}

#[test]
fn r33_items_run_in_the_context_of_the_batch() {
    let cx = Context::builder().correlation_id("many").build();
    let values = with_context::batch(0..100).context(&cx).run().all().unwrap();
    assert!(values.iter().zip(0..).all(|((n, id), i)| *n == i && id == "many"));
    let values = cx.scope(|| with_context::batch([1]).run()).all().unwrap();
    assert_eq!(values, [(1, "many".to_owned())]);
}

#[operator]
fn cancels(cx: &Context, n: usize) -> Result<usize, Stopped> {
    if n == 10 {
        cx.cancel();
    }
    cx.check()?;
    Ok(n)
}

graph! {
    fn until_cancelled(n: usize) -> Result<usize, ember::Error> {
        let n = cancels(n)?;
        Ok(n)
    }
}

/// The numbers of the inputs that were done when the tenth cancelled.
#[derive(Default)]
struct Done {
    so_far: Mutex<Vec<usize>>,
    when_cancelled: OnceLock<Vec<usize>>,
}

#[operator]
fn cancels_and_notes(cx: &Context, n: usize, done: &Done) -> Result<usize, Stopped> {
    if n == 10 {
        done.when_cancelled.set(done.so_far.lock().unwrap().clone()).unwrap();
        cx.cancel();
    } else if n > 500 {
        // The thread that has the tenth may be away while another comes to these.
        done.when_cancelled.wait();
    }
    cx.check()?;
    done.so_far.lock().unwrap().push(n);
    Ok(n)
}

graph! {
    fn until_cancelled_and_noted(n: usize, done: &Done) -> Result<usize, ember::Error> {
        let n = cancels_and_notes(n, done)?;
        Ok(n)
    }
}

#[test]
fn r33_what_is_done_when_a_batch_is_cancelled_is_kept_and_what_did_not_begin_is_told() {
    for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
        let cx = Context::builder().strategy(strategy).build();
        let done = Done::default();
        let report = until_cancelled_and_noted::batch((0..1000).map(|n| (n, &done))).context(&cx).run();
        assert_eq!(report.len(), 1000);
        let stopped = NotBegun::Stopped(Stopped::Cancelled);
        assert_eq!(report.stopped(), Some(stopped));
        // Which they are without an order is not known: another thread may be away with an earlier one.
        let kept = done.when_cancelled.into_inner().unwrap();
        assert!(kept.iter().all(|&i| report.get(i).unwrap().is_ok_and(|n| *n == i)), "{kept:?}");
        assert!(strategy != Strategy::Sequential || kept == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let cancelled = |error: &BatchError| match error.cause() {
            Cause::Failed(error) => error.is_cancelled(),
            Cause::NotBegun(why) => *why == stopped,
            Cause::Panicked(_) => false,
        };
        assert!(report.errors().iter().all(cancelled));
        assert!(report.iter().zip(0..).all(|(result, i)| result.map_or_else(BatchError::index, |n| *n) == i));
        assert_eq!(error_of(&report, 999).not_begun(), Some(stopped));
        // Of how many there are nothing is known: the report ends where the batch did.
        let cx = Context::builder().strategy(strategy).build();
        let report = until_cancelled::batch((0..).take_while(|_| true)).context(&cx).run();
        assert_eq!(report.stopped(), Some(stopped));
        assert!(report.len() > 10, "{}", report.len());
    }
}

#[test]
fn r33_no_input_begins_behind_one_that_cancels_though_they_were_pulled_together() {
    let cx = Context::builder().strategy(Strategy::Sequential).build();
    let pulled = AtomicUsize::new(0);
    let inputs = (0..1000).inspect(|_| _ = pulled.fetch_add(1, Relaxed));
    let report = until_cancelled::batch(inputs).context(&cx).run();
    assert!(pulled.into_inner() > 12, "they were pulled one by one");
    assert!(report.values()[..10].iter().copied().eq(0..10));
    assert!(error_of(&report, 10).error().is_some_and(ember::Error::is_cancelled));
    assert!((11..1000).all(|i| error_of(&report, i).not_begun().is_some()));
}

#[test]
fn r33_the_first_failure_stops_a_batch_that_is_to_fail_fast() {
    let _minute = Minute::begin();
    everywhere(|strategy| {
        // Without an end, for the thread that has the seventh may be away while another runs any number of them.
        let texts = (0_u32..).map(|i| if i == 7 || i == 9 { "x" } else { "1" });
        let report = number::batch(texts).fail_fast().run();
        assert!(report.values()[..7].iter().all(|&value| value == 1));
        assert!(error_of(&report, 7).error().is_some());
        assert!(matches!(report.stopped(), Some(NotBegun::FailedBefore { .. })));
        assert_eq!(report.all().unwrap_err().index(), 7);
        if strategy == Strategy::Sequential {
            let texts = (0..2000).map(|i| if i == 7 || i == 9 { "x" } else { "1" });
            let report = number::batch(texts).fail_fast().run();
            assert_eq!((report.len(), report.values().len()), (2000, 7));
            assert_eq!(error_of(&report, 1999).not_begun(), Some(NotBegun::FailedBefore { index: 7 }));
        }
    });
}

/// What was pulled and is not through, and the most that ever was.
#[derive(Default)]
struct InFlight {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[operator]
fn double(n: u32) -> u32 {
    2 * n
}

#[operator]
fn through(n: u32, in_flight: &InFlight) -> u32 {
    in_flight.now.fetch_sub(1, SeqCst);
    n
}

graph! {
    fn passed(n: u32, in_flight: &InFlight) -> u32 {
        through(n, in_flight)
    }

    fn doubled(n: u32) -> u32 {
        double(n)
    }
}

#[test]
fn r21_a_batch_pulls_no_more_inputs_than_may_be_in_flight() {
    for most in [0, 1, 2, 3, 64, 500] {
        everywhere(|_| {
            let in_flight = InFlight::default();
            let inputs = (0..2000).map(|n| {
                let now = in_flight.now.fetch_add(1, SeqCst) + 1;
                in_flight.most.fetch_max(now, SeqCst);
                (n, &in_flight)
            });
            let report = passed::batch(inputs).in_flight(most).run();
            assert!(report.all().unwrap().into_iter().eq(0..2000));
            assert!(in_flight.most.load(SeqCst) <= most.max(1));
        });
    }
}

/// Gives numbers in order, to one thread at a time, and is not to be asked behind the end.
struct Once {
    next: u32,
    end: u32,
    exact: bool,
}

impl Iterator for Once {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        assert!(self.next <= self.end, "asked behind the end");
        self.next += 1;
        (self.next <= self.end).then_some(self.next - 1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.next) as usize;
        if self.exact { (left, Some(left)) } else { (0, None) }
    }
}

#[test]
fn r33_inputs_are_pulled_in_order_and_not_behind_their_end() {
    for (end, exact) in [(0, true), (1, false), (31, true), (32, false), (700, true), (5000, false)] {
        everywhere(|_| {
            let values = doubled::batch(Once { next: 0, end, exact }).run().all().unwrap();
            assert!(values.into_iter().eq((0..end).map(|n| 2 * n)));
        });
    }
}

#[test]
fn r33_inputs_that_panic_amid_others_let_those_before_run() {
    for end in [1, 31, 32, 33, 300, 1700] {
        everywhere(|_| {
            let (pulled, in_flight) = (AtomicUsize::new(0), InFlight::default());
            let inputs = (0..).map(|n| {
                assert!(n < end, "no more");
                pulled.fetch_add(1, SeqCst);
                in_flight.now.fetch_add(1, SeqCst);
                (n, &in_flight)
            });
            let batch = passed::batch(inputs);
            catch_unwind(AssertUnwindSafe(|| batch.run())).unwrap_err();
            assert_eq!((pulled.into_inner(), in_flight.now.into_inner()), (end as usize, 0));
        });
    }
}

#[operator]
fn inner_batch(n: u32) -> u32 {
    halved::batch((0..n).map(|i| 2 * i)).run().all().unwrap().into_iter().sum()
}

graph! {
    fn nested(n: u32) -> u32 {
        inner_batch(n)
    }
}

#[test]
fn r33_batches_in_batches_end_on_a_pool_of_one_thread() {
    let expected: Vec<u32> = (0..50).map(|n| (0..n).sum()).collect();
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let values = pool.install(|| nested::batch(0..50).context(&cx).run()).all().unwrap();
        assert_eq!(values, expected);
    }
    assert_eq!(nested::batch(0..50).run().all().unwrap(), expected);
}

#[operator]
fn of_tracked(value: Tracked) -> Result<Tracked, String> {
    match value.name() {
        "fails" => Err("failed".to_owned()),
        "panics" => panic!("panicked"),
        _ => Ok(value),
    }
}

graph! {
    fn tracked(value: Tracked) -> Result<Tracked, ember::Error> {
        let value = of_tracked(value)?;
        Ok(value)
    }
}

#[test]
fn r33_each_value_is_dropped_once() {
    for fail_fast in [false, true] {
        everywhere(|_| {
            let ledger = Ledger::new();
            let name = |i| ["good", "fails", "panics"][usize::from(i % 50 == 0) + usize::from(i % 100 == 0)];
            let batch = tracked::batch((1..500).map(|i| ledger.value(name(i))));
            let report = if fail_fast { batch.fail_fast() } else { batch }.run();
            assert_eq!(report.values().len(), if fail_fast { report.values().len() } else { 490 });
            drop(report);
            ledger.assert_balanced();
        });
    }
}

#[test]
fn r33_inputs_that_panic_end_the_batch_when_those_before_have_ended() {
    everywhere(|_| {
        let ledger = Ledger::new();
        let inputs = (0..100).map(|i| if i == 60 { panic!("no more") } else { ledger.value("good") });
        let batch = tracked::batch(inputs);
        let payload = catch_unwind(AssertUnwindSafe(|| batch.run())).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&"no more"));
        ledger.assert_balanced();
    });
}

#[operator]
fn meets(gate: &Gate, n: usize) -> usize {
    if n == 0 {
        gate.pass();
    } else {
        gate.open();
    }
    n
}

graph! {
    fn meet(gate: &Gate, n: usize) -> usize {
        meets(gate, n)
    }
}

#[test]
fn r33_inputs_run_at_the_same_time() {
    let run = || {
        let gate = Gate::new();
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        // Each waits for the other.
        let values = meet::batch([(&gate, 0), (&gate, 1)]).context(&cx).in_flight(8).run().all().unwrap();
        assert_eq!(values, [0, 1]);
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(run);
    run();
}
