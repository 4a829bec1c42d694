use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::{Event, EventKind, Observer, Recorder, What, emit, observer_panics};
use crate::policy::{Breaker, BreakerState, PolicyError};
use crate::{Context, ManualClock};

struct Panics(AtomicU64);

impl Observer for Panics {
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Relaxed);
        panic!("an observer's own mistake");
    }
}

#[test]
fn an_observer_that_panics_is_switched_off_and_harms_nobody() {
    let (panics, recorder) = (Arc::new(Panics(AtomicU64::new(0))), Recorder::new(10));
    let cx = Context::builder().observer(panics.clone()).observer(recorder.clone()).build();
    let before = observer_panics();
    cx.scope(|| (0..5).for_each(|_| emit(|| What::CacheHit)));
    assert_eq!(panics.0.load(Relaxed), 3);
    assert_eq!(observer_panics() - before, 3);
    assert_eq!(recorder.events().len(), 5);
}

#[test]
fn a_policy_outside_of_graphs_is_told_by_its_context() {
    let (clock, recorder) = (ManualClock::new(), Recorder::new(10));
    let breaker = Breaker::builder().min_calls(2).clock(clock.clone()).build().unwrap();
    let cx = Context::builder().clock(clock).correlation_id("order-17").observer(recorder.clone()).build();
    let down = || breaker.call(|| Err::<(), PolicyError<&str>>("down".into()));
    cx.scope(|| (0..2).for_each(|_| assert!(down().is_err())));
    let events = recorder.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].kind, EventKind::BreakerChanged);
    assert_eq!((events[0].run, events[0].graph, &*events[0].node), (None, "", ""));
    assert_eq!(events[0].correlation_id, "order-17");
    let expected = "outside of graphs: changed its breaker from closed to open";
    assert_eq!(events[0].text, expected);
    assert!(matches!(breaker.state(), BreakerState::Open { .. }));
}

#[test]
fn an_observer_may_use_what_it_observes() {
    struct Again(Recorder);
    impl Observer for Again {
        fn event(&self, event: &Event<'_>) {
            if event.kind() == EventKind::CacheMiss {
                emit(|| What::Backoff { delay: Duration::ZERO });
            }
            self.0.event(event);
        }
    }
    let recorder = Recorder::new(10);
    let cx = Context::builder().observer(Again(recorder.clone())).build();
    cx.scope(|| emit(|| What::CacheMiss));
    let kinds: Vec<EventKind> = recorder.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Backoff, EventKind::CacheMiss]);
}
