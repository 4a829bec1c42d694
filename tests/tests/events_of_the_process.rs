//! Observers for the whole process: the only test of its program, as they can be installed once.

use std::sync::mpsc::channel;
use std::thread;

use ember::observe::{self, Recorder, Statistics};
use ember::prelude::*;

#[operator]
fn next(n: u32) -> u32 {
    n + 1
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

graph! {
    fn diamond(n: u32) -> u32 {
        let top = next(n);
        let left = next(top);
        let right = next(top);
        sum(left, right)
    }

    fn chain(n: u32) -> Result<u32, ember::Error> {
        let a = next(n);
        let b = next(a);
        Ok(b)
    }

    fn plain_chain(n: u32) -> u32 {
        let a = next(n);
        next(a)
    }
}

#[test]
fn runs_without_a_context_are_observed() {
    // Makes the default context, which is observed from then on all the same.
    assert_eq!(chain(1).unwrap(), 3);
    let before = Context::builder().build();

    // A thread that asks no more who observes it, as it has run a tiny graph often.
    let (ready, is_ready) = channel();
    let (go, is_to_go) = channel();
    let settled = thread::spawn(move || {
        let run = || assert_eq!(diamond(1), 6);
        (0..100_000).for_each(|_| run());
        ready.send(()).unwrap();
        is_to_go.recv().unwrap();
        run();
    });
    is_ready.recv().unwrap();

    let (recorder, statistics) = (Recorder::new(100), Statistics::new());
    // So is one that was entered from another before.
    let default = Context::current();
    before.scope(|| {
        default.scope(|| {
            assert_eq!(plain_chain(1), 3);
            observe::install((recorder.clone(), statistics.clone())).unwrap();
            assert_eq!(plain_chain(1), 3);
            go.send(()).unwrap();
            settled.join().unwrap();
            assert_eq!(recorder.take().len(), 16);
        });
        assert_eq!(plain_chain(1), 3);
        assert!(recorder.take().is_empty());
    });
    assert_eq!(plain_chain(1), 3);
    assert_eq!(recorder.take().len(), 6);
    assert_eq!(chain(1).unwrap(), 3);
    assert_eq!(recorder.take().len(), 6);
    let chains = statistics.graphs().into_iter().find(|graph| graph.description().name == "chain").unwrap();
    assert_eq!(chains.runs.finished, 1);

    let own = Recorder::new(100);
    let after = Context::builder().observer(own.clone()).build();
    assert_eq!(after.scope(|| chain(1)).unwrap(), 3);
    assert_eq!((recorder.take().len(), own.take().len()), (6, 6));

    let below = Context::builder().parent(&Context::current()).build();
    assert_eq!(below.scope(|| chain(1)).unwrap(), 3);
    assert_eq!(recorder.take().len(), 6);

    assert_eq!(before.scope(|| chain(1)).unwrap(), 3);
    assert_eq!(recorder.take().len(), 0);

    let error = observe::install(Recorder::new(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "observers of the process are installed already, which is done once: install several as a tuple, `(a, b)`"
    );
}
