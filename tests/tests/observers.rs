//! Who is told what runs do: the observers of a context and of those above it, each of everything once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use ember::observe::{Event, EventKind, Observer, Recorder};
use ember::prelude::*;
use ember_tests::STRATEGIES;

#[operator]
fn next(n: u32) -> u32 {
    n + 1
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

#[derive(Debug, thiserror::Error)]
#[error("it was not to be")]
struct Secret(#[allow(dead_code, reason = "it is there to be kept to itself")] String);

#[operator]
fn hidden(text: &str) -> Result<String, Secret> {
    if text.ends_with('!') { Err(Secret(text.to_owned())) } else { Ok(format!("{text}, and more")) }
}

graph! {
    fn chain(n: u32) -> u32 {
        let a = next(n);
        let b = next(a);
        next(b)
    }

    fn diamond(n: u32) -> u32 {
        let top = next(n);
        let left = next(top);
        let right = next(top);
        let bottom = sum(left, right);
        bottom
    }

    fn items(ns: &[u32]) -> u32 {
        let made = for n in ns {
            let once = next(*n);
            next(once)
        };
        made.into_iter().sum()
    }

    fn keeps(text: &str) -> Result<usize, ember::Error> {
        let first = hidden(text)?;
        let second = hidden(text)?;
        Ok(first.len() + second.len())
    }
}

#[test]
fn contexts_below_are_observed_and_those_beside_are_not() {
    let (above, own) = (Recorder::new(100), Recorder::new(100));
    let cx = Context::builder().observer(above.clone()).build();
    let below = Context::builder().parent(&cx).observer(own.clone()).build();
    assert_eq!(below.scope(|| chain(1)), 4);
    assert_eq!(above.take().len(), 8);
    assert_eq!(own.take().len(), 8);
    assert_eq!(cx.scope(|| chain(1)), 4);
    assert_eq!((above.take().len(), own.take().len()), (8, 0));
    assert_eq!(Context::builder().build().scope(|| chain(1)), 4);
    assert_eq!((above.take().len(), own.take().len()), (0, 0));
}

#[test]
fn a_recorder_keeps_so_much_and_counts_the_rest() {
    let recorder = Recorder::new(3);
    let cx = Context::builder().observer(recorder.clone()).build();
    cx.scope(|| chain(1));
    assert_eq!((recorder.events().len(), recorder.dropped()), (3, 5));
}

#[test]
fn what_nodes_take_and_give_is_not_told() {
    /// Looks at each event as a whole.
    #[derive(Default)]
    struct Looks(AtomicU64);

    impl Observer for Looks {
        fn event(&self, event: &Event<'_>) {
            for text in [format!("{event}"), format!("{event:?}"), format!("{event:#?}")] {
                assert!(!text.contains("pass-word") && !text.contains("and more"), "{text}");
            }
            self.0.fetch_add(1, Relaxed);
        }
    }

    for strategy in STRATEGIES {
        let looks = Arc::new(Looks::default());
        let cx = Context::builder().strategy(strategy).observer(looks.clone()).build();
        assert!(cx.scope(|| keeps("pass-word")).is_ok());
        assert!(cx.scope(|| keeps("pass-word!")).is_err());
        assert!(looks.0.load(Relaxed) >= 6 + 4);
    }
}

#[test]
fn a_runtime_has_observers_of_its_own() {
    let recorder = Recorder::new(100);
    let runtime = ember::Runtime::builder().threads(1).observer(recorder.clone()).build().unwrap();
    assert_eq!(runtime.scope(|| chain(1)), 4);
    assert_eq!(recorder.take().len(), 8);
    assert_eq!(chain(1), 4);
    assert_eq!(recorder.take().len(), 0);
}

/// How many events of each kind there were.
#[derive(Default)]
struct Counts([AtomicU64; 4]);

impl Observer for Counts {
    fn event(&self, event: &Event<'_>) {
        let which = match event.kind() {
            EventKind::RunStarted => 0,
            EventKind::NodeStarted => 1,
            EventKind::NodeFinished => 2,
            EventKind::RunFinished => 3,
            other => panic!("{other:?}"),
        };
        self.0[which].fetch_add(1, Relaxed);
    }
}

#[test]
fn r13_counts_are_exact_under_contention() {
    const THREADS: u64 = 4;
    const RUNS: u64 = 250;
    let counts = Arc::new(Counts::default());
    let numbers = [1; 16];
    thread::scope(|threads| {
        for i in 0..THREADS {
            let counts = counts.clone();
            threads.spawn(move || {
                let strategy = STRATEGIES[usize::try_from(i % 3).unwrap()];
                let cx = Context::builder().strategy(strategy).observer(counts).build();
                cx.scope(|| (0..RUNS).for_each(|_| assert_eq!(items(&numbers) + diamond(1), 54)));
            });
        }
    });
    let counted = counts.0.each_ref().map(|count| count.load(Relaxed));
    let runs = THREADS * RUNS;
    assert_eq!(counted, [2 * runs, 36 * runs, 36 * runs, 2 * runs]);
}
