//! Observers for the whole process: the only test of its program, as they can be installed once.

use ember::observe::{self, Recorder, Statistics};
use ember::prelude::*;

#[operator]
fn next(n: u32) -> u32 {
    n + 1
}

graph! {
    fn chain(n: u32) -> Result<u32, ember::Error> {
        let a = next(n);
        let b = next(a);
        Ok(b)
    }
}

#[test]
fn runs_without_a_context_are_observed() {
    // Makes the default context, which is observed from then on all the same.
    assert_eq!(chain(1).unwrap(), 3);
    let before = Context::builder().build();

    let (recorder, statistics) = (Recorder::new(100), Statistics::new());
    observe::install((recorder.clone(), statistics.clone())).unwrap();
    assert_eq!(chain(1).unwrap(), 3);
    assert_eq!(recorder.take().len(), 6);
    assert_eq!(statistics.graphs()[0].runs.finished, 1);

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
