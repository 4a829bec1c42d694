use std::time::Duration;

use super::{of_source, until};
use crate::policy::Backoff;
use crate::resource::Resource;
use crate::{Clock, Context, ManualClock};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn r36_what_is_too_old_serves_while_it_is_loaded_anew() {
    let clock = ManualClock::new();
    let (source, resource) = of_source(|builder| builder.time_to_live(10 * SECOND).clock(clock.clone()));
    assert_eq!(*resource.get().unwrap(), 1);
    clock.advance(9 * SECOND);
    assert_eq!(*resource.get().unwrap(), 1);
    assert_eq!(resource.status().loads, 1);
    clock.advance(SECOND);
    assert_eq!(*resource.get().unwrap(), 1, "the old one serves");
    until(|| source.calls() == 2 && !resource.status().is_loading);
    assert_eq!(*resource.get().unwrap(), 2);
    assert_eq!(resource.status().loaded_at, Some(clock.now()));
}

#[test]
fn r36_a_refresh_that_fails_keeps_the_old_value_and_is_counted() {
    let clock = ManualClock::new();
    let (source, resource) = of_source(|builder| builder.time_to_live(10 * SECOND).clock(clock.clone()));
    assert_eq!(*resource.get().unwrap(), 1);
    source.go_down(Some("down"));
    clock.advance(10 * SECOND);
    assert_eq!(*resource.get().unwrap(), 1);
    until(|| resource.status().failures == 1 && !resource.status().is_loading);
    // A tenth of the time to live it is left alone.
    clock.advance(SECOND / 2);
    assert_eq!(*resource.get().unwrap(), 1);
    assert_eq!(resource.status().loads, 2);
    clock.advance(SECOND / 2);
    assert_eq!(*resource.get().unwrap(), 1);
    until(|| resource.status().failures == 2 && !resource.status().is_loading);
    assert_eq!(resource.status().failed.unwrap().times, 2);
    source.go_down(None);
    clock.advance(SECOND);
    assert_eq!(*resource.get().unwrap(), 1);
    until(|| !resource.status().is_loading);
    assert_eq!(*resource.get().unwrap(), 4);
    assert!(resource.status().failed.is_none());
}

#[test]
fn r36_a_value_serves_no_longer_than_is_said() {
    let clock = ManualClock::new();
    let set = |builder: crate::resource::ResourceBuilder<u32>| {
        builder.time_to_live(10 * SECOND).serve_stale(5 * SECOND).clock(clock.clone())
    };
    let (source, resource) = of_source(set);
    assert_eq!(*resource.get().unwrap(), 1);
    clock.advance(15 * SECOND);
    assert!(resource.peek().is_none());
    source.go_down(Some("down"));
    assert!(resource.get().unwrap_err().is_failure());
    source.go_down(None);
    clock.advance(SECOND);
    assert_eq!(*resource.get().unwrap(), 3, "who finds it too old waits for the new one");
}

#[test]
fn r36_a_provider_that_is_down_is_not_hammered() {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).build();
    let backoff = Backoff::exponential(SECOND).full_jitter(false);
    let (source, resource) = of_source(|builder| builder.backoff(backoff));
    source.go_down(Some("down"));
    cx.scope(|| {
        let failed = resource.get().unwrap_err();
        assert_eq!((failed.retry_after(), failed.is_held_back()), (Some(SECOND), false));
        for _ in 0..100 {
            let failed = resource.get().unwrap_err();
            assert!(failed.is_held_back());
            assert_eq!(failed.retry_after(), Some(SECOND));
            assert_eq!(std::error::Error::source(&failed).unwrap().to_string(), "down");
        }
        assert_eq!(source.calls(), 1);
        clock.advance(SECOND);
        assert_eq!(resource.get().unwrap_err().retry_after(), Some(2 * SECOND));
        clock.advance(SECOND);
        assert!(resource.get().unwrap_err().is_held_back());
        assert_eq!(source.calls(), 2);
        let last = resource.status().failed.unwrap();
        assert_eq!((last.times, last.backoff), (2, Some(2 * SECOND)));

        source.go_down(None);
        assert_eq!(*resource.reload().unwrap(), 3, "whoever says so tries at once");
        assert_eq!(*resource.get().unwrap(), 3);
    });
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let load = || Ok::<u32, String>(1);
    let refused =
        |builder: crate::resource::ResourceBuilder<u32>| builder.build(load).unwrap_err().to_string();
    assert_eq!(
        refused(Resource::builder().time_to_live(Duration::ZERO)),
        "resource: `time_to_live` is 0ns, and must be more than zero and at most 100 years"
    );
    assert_eq!(
        refused(Resource::builder().serve_stale(SECOND)),
        "resource: `serve_stale` is 1s, and must be left out where values do not grow old"
    );
    assert!(refused(Resource::builder().backoff(Backoff::exponential(Duration::ZERO))).contains("`base`"));
}
