//! A batch and a stream beside a plain loop.

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use ember_graph::Description;
use proptest::prelude::*;
use proptest::strategy::Strategy as _;

use super::call::{ByResult, Call, Graph, One, Working};
use super::feed::Feed;
use super::lot::Gate;
use super::{Batch, BatchError, Cause, NotBegun, Weighed};
use crate::policy::MemoryBudget;
use crate::{Context, Stopped, Strategy, Stream};

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Gives,
    Fails,
    Panics,
}

/// An item that is counted while it lives.
struct Item {
    number: usize,
    what: What,
    _alive: Arc<()>,
}

struct Judge;

static JUDGE: Description<'static> = Description::__new("judge", "tests.rs", 1, &[], &[], &[], None);

impl Graph for Judge {
    type Reading = ByResult;

    fn description() -> &'static Description<'static> {
        &JUDGE
    }

    fn goes_straight(_: &Context) -> bool {
        true
    }
}

impl Call<(Item,), (), Result<Item, Item>> for Judge {
    fn call((item,): (Item,)) -> Result<Item, Item> {
        match item.what {
            What::Gives => Ok(item),
            What::Fails => Err(item),
            What::Panics => panic!("{}", item.number),
        }
    }
}

/// Gives numbers, and holds what it is given in its error.
impl Call<(Arc<()>,), (), Result<usize, Arc<()>>> for Judge {
    fn call((item,): (Arc<()>,)) -> Result<usize, Arc<()>> {
        Err(item)
    }
}

type Told = Result<usize, (usize, What)>;

fn told(result: Result<Item, BatchError<Item>>) -> Told {
    result.map(|item| item.number).map_err(|error| {
        let what = match error.cause() {
            Cause::Failed(_) => What::Fails,
            Cause::Panicked(panic) => {
                assert_eq!(panic.panic_message(), Some(&*error.index().to_string()));
                What::Panics
            }
            Cause::NotBegun(why) => panic!("{why}"),
        };
        (error.index(), what)
    })
}

/// What a loop gives.
fn plain(items: impl Iterator<Item = Item>) -> Vec<Told> {
    items
        .enumerate()
        .map(|(i, item)| match catch_unwind(AssertUnwindSafe(|| Judge::call((item,)))) {
            Ok(Ok(item)) => Ok(item.number),
            Ok(Err(_)) => Err((i, What::Fails)),
            Err(_) => Err((i, What::Panics)),
        })
        .collect()
}

#[derive(Clone, Debug)]
struct Case {
    whats: Vec<What>,
    in_flight: usize,
    threads: usize,
    strategy: Strategy,
    /// The inputs do not tell how many they are.
    unsized_inputs: bool,
    taken: usize,
}

impl Case {
    fn items(&self, alive: &Arc<()>) -> Box<dyn Iterator<Item = Item> + Send> {
        let alive = alive.clone();
        let whats = self.whats.clone().into_iter().enumerate();
        let items = whats.map(move |(number, what)| Item { number, what, _alive: alive.clone() });
        if self.unsized_inputs { Box::new(items.filter(|_| true)) } else { Box::new(items) }
    }

    fn run<R: Send>(&self, run: impl FnOnce() -> R + Send) -> R {
        static QUIET: Once = Once::new();
        QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
        let run = || Context::builder().strategy(self.strategy).build().scope(run);
        if self.threads == 0 {
            return run();
        }
        in_pool(self.threads, run)
    }
}

fn in_pool<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

fn case() -> impl proptest::strategy::Strategy<Value = Case> {
    let what = prop_oneof![8 => Just(What::Gives), 1 => Just(What::Fails), 1 => Just(What::Panics)];
    let strategy = prop_oneof![Just(Strategy::Sequential), Just(Strategy::Parallel), Just(Strategy::Auto)];
    (prop::collection::vec(what, 0..200), 0_usize..40, 0_usize..4, strategy, any::<bool>(), 0_usize..200)
        .prop_map(|(whats, in_flight, threads, strategy, unsized_inputs, taken)| Case {
            whats,
            in_flight,
            threads,
            strategy,
            unsized_inputs,
            taken,
        })
}

/// Items end on other threads at times, when all have been told of.
fn all_dropped(alive: &Arc<()>) {
    while Arc::strong_count(alive) > 1 {
        std::thread::yield_now();
    }
}

#[test]
fn r33_errors_among_numbers_are_dropped() {
    let alive = Arc::new(());
    let inputs = (0..9).map(|_| alive.clone());
    let batch: Batch<'_, _, Working<Judge, (), Result<usize, Arc<()>>>> = Batch::__new(One::new(inputs));
    drop(batch.run());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn r33_what_stands_before_the_first_failure_begins_and_what_stands_behind_it_does_not() {
    let gate = Gate::new(Context::builder().build(), true);
    let kept_out = || [4, 5, 6, 8].map(|index| gate.keeps_out(index));
    let [of_5, of_7] = [5, 7].map(|index| Some(NotBegun::FailedBefore { index }));
    assert_eq!(kept_out(), [None; 4]);
    gate.failed(7);
    assert_eq!(kept_out(), [None, None, None, of_7]);
    gate.failed(5);
    gate.failed(8);
    assert_eq!(kept_out(), [None, None, of_5, of_5]);
}

#[test]
fn r21_room_that_a_lot_did_not_need_is_there_for_others() {
    let budget = MemoryBudget::builder().bytes(10).build().unwrap();
    // A lot has room for four, and finds memory for one at first.
    let feed = Feed::new(0..8, 4, Weighed::new(&budget, |item: &usize| if *item < 4 { 10 } else { 1 }));
    let pull = || feed.pull(4, |first, count| (first, count)).unwrap();
    for item in 0..4 {
        let (claimed, lot) = pull();
        assert_eq!((claimed, lot.items), ((item, 1), vec![item]));
        drop(lot.charges);
        feed.through(1);
    }
    assert_eq!(pull().0, (4, 4));
}

#[test]
fn the_source_of_an_items_error_is_what_its_error_has_for_one() {
    #[derive(Debug, thiserror::Error)]
    #[error("no port")]
    struct NoPort(#[source] std::num::ParseIntError);

    let cause = "8o80".parse::<u16>().unwrap_err();
    let error = BatchError::new(3, Cause::Failed(NoPort(cause.clone())));
    assert_eq!(error.to_string(), "item 3: no port");
    assert_eq!(error.source().unwrap().downcast_ref(), Some(&cause));
    let stopped = NotBegun::Stopped(Stopped::Cancelled);
    assert!(BatchError::<NoPort>::new(3, Cause::NotBegun(stopped)).source().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn r33_a_batch_gives_what_a_loop_gives(case in case()) {
        let alive = Arc::new(());
        let expected = plain(case.items(&alive));
        let report = case.run(|| {
            let batch: Batch<'_, _, Working<Judge, (), Result<Item, Item>>> = Batch::__new(One::new(case.items(&alive)));
            let batch = if case.in_flight == 39 { batch } else { batch.in_flight(case.in_flight) };
            batch.run()
        });
        prop_assert_eq!(report.stopped(), None);
        prop_assert_eq!(report.len(), expected.len());
        prop_assert_eq!(report.iter().len(), expected.len());
        prop_assert!(report.get(expected.len()).is_none());
        for (i, (result, expected)) in report.iter().zip(&expected).enumerate() {
            prop_assert_eq!(result.map(|item| item.number).map_err(BatchError::index), expected.map_err(|(index, _)| index));
            let same = match (report.get(i).unwrap(), result) {
                (Ok(one), Ok(other)) => std::ptr::eq(one, other),
                (Err(one), Err(other)) => std::ptr::eq(one, other),
                _ => false,
            };
            prop_assert!(same);
        }
        let given: Vec<Told> = report.into_iter().map(told).collect();
        prop_assert_eq!(given, expected);
        prop_assert_eq!(Arc::strong_count(&alive), 1);
    }

    #[test]
    fn r21_a_stream_gives_what_a_loop_gives_and_drops_what_is_left(case in case()) {
        let alive = Arc::new(());
        let expected = plain(case.items(&alive));
        let count = expected.len().min(case.taken);
        let given: Vec<Told> = case.run(|| {
            let stream: Stream<_, Working<Judge, (), Result<Item, Item>>> = Stream::__new(One::new(case.items(&alive)));
            stream.in_flight(case.in_flight).into_iter().take(case.taken).map(told).collect()
        });
        prop_assert_eq!(&given, &expected[..count]);
        all_dropped(&alive);
    }

    #[test]
    fn r21_an_unordered_stream_gives_the_same_in_some_order(case in case()) {
        let alive = Arc::new(());
        let key = |told: &Told| told.map_or_else(|(index, _)| index, |number| number);
        let (given, handed) = case.run(|| {
            let stream: Stream<_, Working<Judge, (), Result<Item, Item>>> = Stream::__new(One::new(case.items(&alive)));
            let mut given: Vec<Told> =
                stream.in_flight(case.in_flight).unordered().into_iter().map(told).collect();
            given.sort_by_key(key);
            let stream: Stream<_, Working<Judge, (), Result<Item, Item>>> = Stream::__new(One::new(case.items(&alive)));
            let mut handed = Vec::new();
            stream.in_flight(case.in_flight).for_each(|result| handed.push(told(result)));
            (given, handed)
        });
        let expected = plain(case.items(&alive));
        prop_assert_eq!(given, expected.clone());
        prop_assert_eq!(handed, expected);
        all_dropped(&alive);
    }
}
