use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use super::{Line, State, Watch, Watched, register, states};
use crate::Resource;
use crate::policy::{Breaker, BreakerCounts, BreakerState, Concurrency, Idle, Keyed, MemoryBudget, Rate};
use crate::sync::lock;

/// Who looks at the list holds for a moment what is in it, so tests of when that goes look one at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    lock(&ALONE)
}

/// What is seen of an owner. Other tests of the process have states of their own in the list.
fn seen(owner: &str) -> Vec<State> {
    let of_owner = |seen: Watched| (&*seen.owner == owner).then_some(seen.state);
    states().into_iter().filter_map(of_owner).collect()
}

#[test]
fn r42_a_state_is_seen_until_its_registration_is_dropped() {
    let _alone = alone();
    let limit = Arc::new(Concurrency::builder().permits(2).queue(3).build().unwrap());
    let looked_at = Arc::clone(&limit);
    let registration = register("watched limit", move || Some(looked_at.watch()));
    let permit = limit.try_acquire().unwrap();
    let [State::Concurrency { permits: 2, in_use: 1, line }] = seen("watched limit")[..] else {
        panic!("{:?}", seen("watched limit"))
    };
    assert_eq!(line, Line::new(0, 3, 0));
    drop((permit, registration));
    assert!(seen("watched limit").is_empty());
    assert_eq!(Arc::strong_count(&limit), 1, "what looked is dropped with the registration");
}

#[test]
fn r42_a_look_that_panics_or_asks_for_the_list_itself_spoils_nothing() {
    let _alone = alone();
    let _panics = register("watched panic", || panic!("no state"));
    let inside = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&inside);
    let _asks = register("watched again", move || {
        if !flag.swap(true, SeqCst) {
            assert!(!states().is_empty());
            flag.store(false, SeqCst);
        }
        Some(State::Fallback { uses: 1, failures: 0 })
    });
    assert!(seen("watched panic").is_empty());
    assert_eq!(seen("watched again").len(), 1);
}

#[test]
fn r42_states_by_key_count_those_in_trouble_and_tell_no_key() {
    let breakers = Keyed::new(8, || Breaker::builder().build().unwrap());
    for tenant in ["secret-a", "secret-b", "secret-c"] {
        breakers.get(tenant);
    }
    breakers.get("secret-b").force_open();
    let state = breakers.watch();
    assert!(matches!(state, State::ByKey { keys: 3, troubled: 1, .. }), "{state:?}");
    assert_eq!(state.kind(), "breaker");
    assert_eq!(state.trouble().unwrap(), "1 of 3 keys: the breaker was opened by hand");
    assert!(!format!("{state:?} {state}").contains("secret"));
}

/// States that are looked at, while a key comes for which one of the others has to go.
#[test]
fn r42_who_looks_takes_no_key_its_state() {
    struct Asks;
    impl Idle for Asks {
        fn is_idle(&self) -> bool {
            true
        }
    }
    impl Watch for Asks {
        fn watch(&self) -> State {
            // While the first is looked at alone: later ones were let go by then.
            if !ASKED.swap(true, SeqCst) {
                KEYED.get(&3);
            }
            State::Fallback { uses: 0, failures: 0 }
        }
    }
    static ASKED: AtomicBool = AtomicBool::new(false);
    static KEYED: LazyLock<Keyed<u32, Asks>> = LazyLock::new(|| Keyed::new(2, || Asks));
    KEYED.get(&1);
    KEYED.get(&2);
    KEYED.watch();
    let own: Vec<u32> = KEYED.all().into_iter().map(|(key, _)| key).collect();
    assert!(own.contains(&3), "it has one of its own: {own:?}");
}

#[test]
fn r42_a_resource_is_seen_from_its_first_use_until_it_is_dropped() {
    let _alone = alone();
    let resource: Resource<u32> =
        Resource::builder().name("watched digits").build(|| Err::<u32, _>("no digits today")).unwrap();
    assert!(seen("watched digits").is_empty());
    resource.get().unwrap_err();
    let [state] = &seen("watched digits")[..] else { panic!() };
    assert_eq!(state.trouble().unwrap(), "the last load failed: no digits today");
    drop(resource);
    assert!(seen("watched digits").is_empty());
}

#[test]
fn r42_a_queue_is_in_trouble_when_it_is_full_and_not_before() {
    let state = |waiting, most| {
        let line = Line::new(waiting, most, 0);
        State::Concurrency { permits: 1, in_use: 1, line }.trouble()
    };
    assert_eq!(state(1, 2), None);
    assert_eq!(state(2, 2).unwrap(), "2 wait, and no more may");
    assert_eq!(state(0, 0), None, "nobody was to wait");
    let line = Line::new(2, 2, 5);
    let batcher = State::Batcher { line, in_flight: 1, batches: 3, items: 9 };
    let isolation = State::Isolation { workers: 1, started: 4, line };
    for state in [&batcher, &isolation] {
        assert_eq!(state.trouble().unwrap(), "2 wait, and no more may");
        assert_eq!((state.line(), state.waiting(), state.in_use()), (Some(line), Some(2), None));
    }
    assert_eq!(batcher.to_string(), "1 batches under way, 9 items in 3 batches, 2 of 2 wait, 5 turned away");
    assert_eq!(isolation.to_string(), "1 workers, 4 started, 2 of 2 wait, 5 turned away");
}

#[test]
fn r42_threads_are_in_trouble_while_calls_wait_for_one() {
    let state = |in_use, waiting| State::Threads { threads: 4, in_use, waiting };
    assert_eq!((state(4, 0).trouble(), state(4, 0).to_string()), (None, "4 of 4 threads taken".to_owned()));
    assert_eq!(state(4, 3).trouble().unwrap(), "all 4 threads are taken, and 3 calls wait");
    assert_eq!(state(4, 3).to_string(), "4 of 4 threads taken, 3 wait");
}

#[test]
fn r42_of_states_by_key_what_is_in_use_and_who_waits_is_told_together() {
    let limits = Keyed::new(1, || Concurrency::builder().permits(2).build().unwrap());
    let [a, shared] = ["a", "without room"].map(|key| limits.get(key));
    let _permits = [a.try_acquire().unwrap(), shared.try_acquire().unwrap()];
    let State::ByKey { keys: 1, troubled: 0, in_use, waiting, .. } = limits.watch() else { panic!() };
    assert_eq!((in_use, waiting), (Some(2), Some(0)));
    let breakers = Keyed::new(8, || Breaker::builder().build().unwrap());
    breakers.get("a");
    assert!(matches!(breakers.watch(), State::ByKey { in_use: None, waiting: None, .. }));
}

#[test]
fn r42_an_open_breaker_is_in_trouble_and_a_half_open_one_is_not() {
    let trouble = |state| State::Breaker { state, counts: BreakerCounts::default() }.trouble();
    let open = BreakerState::Open { retry_after: Duration::from_millis(2500) };
    assert_eq!(trouble(open).unwrap(), "the breaker is open for another 2.5s");
    let lets_one_through = BreakerState::Open { retry_after: Duration::ZERO };
    assert_eq!(trouble(lets_one_through), None);
    assert!(trouble(BreakerState::ForcedOpen).is_some());
    for state in [BreakerState::Closed, BreakerState::HalfOpen, BreakerState::ForcedClosed] {
        assert_eq!(trouble(state), None);
    }
}

#[test]
fn each_state_reads_as_a_line() {
    let budget = MemoryBudget::builder().bytes(100).build().unwrap();
    let _admission = budget.try_admit(40).unwrap();
    budget.try_admit(61).unwrap_err();
    assert_eq!(budget.watch().to_string(), "40 of 100 bytes, 1 turned away");
    let rate = Rate::builder().calls(10).per(Duration::from_secs(1)).build().unwrap();
    assert_eq!(rate.watch().to_string(), "one each 100ms");
    let breaker = Breaker::builder().build().unwrap();
    assert_eq!(breaker.watch().to_string(), "closed, 0 of 0 calls failed, 0 turned away");
}
