//! How much there is room for.

use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::{Outcome, SECOND, small, sure};
use crate::ManualClock;
use crate::policy::{Cache, PolicyError};

proptest! {
    #[test]
    fn r17_cache_never_grows_past_its_capacity(
        capacity in 1..700_u64,
        keys in prop::collection::vec(0..1500_u32, 0..1500),
    ) {
        let cache = small().capacity(capacity).build().unwrap();
        prop_assert!(cache.capacity() <= capacity);
        for key in keys {
            prop_assert_eq!(sure(&cache, key, key), key);
            prop_assert!(cache.len() as u64 <= capacity);
            prop_assert_eq!(cache.weight(), cache.len() as u64);
        }
        let counts = cache.counts();
        prop_assert_eq!(counts.loads, cache.len() as u64 + counts.evicted_for_room);
        prop_assert_eq!(counts.evictions(), counts.evicted_for_room);
    }

    #[test]
    fn r17_weighed_entries_never_weigh_more_than_the_capacity(
        capacity in 1..200_u64,
        asks in prop::collection::vec((0..100_u32, 0..60_u32), 0..300),
    ) {
        let cache = small().capacity(capacity).weigher(|_, value| u64::from(*value)).build().unwrap();
        for (key, weight) in asks {
            sure(&cache, key, weight);
            prop_assert!(cache.weight() <= capacity);
            prop_assert!(cache.len() as u64 <= capacity);
        }
        let counts = cache.counts();
        prop_assert_eq!(counts.loads, cache.len() as u64 + counts.evicted_for_room + counts.too_heavy);
    }
}

#[test]
fn r17_threads_do_not_fill_it_past_its_capacity_together() {
    let cache = Arc::new(small().capacity(64).build().unwrap());
    thread::scope(|scope| {
        for thread in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                for key in 0..500 {
                    sure(cache, (key * 7 + thread) % 300, key);
                    assert!(cache.len() <= 64);
                }
            });
        }
    });
    let counts = cache.counts();
    assert_eq!(counts.hits + counts.loads + counts.shared, 2000);
    assert_eq!(counts.loads, cache.len() as u64 + counts.evictions());
}

#[test]
fn r24_a_value_that_finds_no_room_is_given_all_the_same() {
    let cache = small().capacity(10).weigher(|_, value| u64::from(*value)).build().unwrap();
    assert_eq!(sure(&cache, 1, 11), 11);
    assert_eq!((cache.len(), cache.counts().too_heavy), (0, 1));
    assert_eq!(sure(&cache, 1, 3), 3);
    assert_eq!(cache.len(), 1);
}

#[test]
fn a_weight_of_nothing_takes_room_all_the_same() {
    let cache = small().capacity(10).weigher(|_, _| 0).build().unwrap();
    for key in 0..100 {
        sure(&cache, key, key);
    }
    assert!(cache.len() <= 10);
}

#[test]
fn r37_neither_calls_nor_keys_that_are_gone_leave_anything() {
    let cache = small().capacity(10).build().unwrap();
    for key in 0..1000 {
        let _ = cache.call(&key, || if key % 2 == 0 { Ok(key) } else { Err(PolicyError::from("odd")) });
    }
    assert_eq!(cache.flights.len(), 0);
    assert!(cache.len() <= 10);
}

#[test]
fn even_room_for_one_holds_one() {
    let cache = small().capacity(1).build().unwrap();
    assert_eq!(sure(&cache, 1, 1), 1);
    assert_eq!(sure(&cache, 1, 2), 1);
    assert_eq!(cache.len(), 1);
}

#[test]
fn what_gives_way_when_it_was_too_old_anyway_counts_as_expired() {
    let clock = ManualClock::new();
    let cache = small().capacity(1).clock(clock.clone()).time_to_live(SECOND).build().unwrap();
    sure(&cache, 1, 1);
    clock.advance(SECOND);
    for key in 2..10 {
        sure(&cache, key, key);
    }
    let counts = cache.counts();
    assert!(counts.expired <= 1);
    assert_eq!(counts.loads, cache.len() as u64 + counts.evictions());
}

/// Asks a cache when it is dropped and when it is cloned.
struct Nosy(std::sync::Weak<Cache<u32, Arc<Nosy>>>);

impl Drop for Nosy {
    fn drop(&mut self) {
        if let Some(cache) = self.0.upgrade() {
            let _ = cache.peek(&1);
            cache.invalidate(&2);
        }
    }
}

#[test]
fn values_that_ask_the_cache_as_they_are_dropped_find_no_lock_held() {
    let cache: Arc<Cache<u32, Arc<Nosy>>> = Arc::new(Cache::builder().capacity(2).build().unwrap());
    for key in 0..20 {
        let nosy = || Outcome::<_, ()>::Ok(Arc::new(Nosy(Arc::downgrade(&cache))));
        drop(cache.call(&key, nosy));
    }
    cache.invalidate(&19);
    cache.invalidate_all();
    assert!(cache.is_empty());
}

// Known of mini-moka (pull request 55) and others: what grew old kept its weight, so that there was less and less room.
#[test]
fn what_grew_old_or_was_invalidated_leaves_no_weight_behind() {
    let clock = ManualClock::new();
    let weigh = |_: &u32, value: &u32| u64::from(*value);
    let cache =
        small().capacity(1000).weigher(weigh).clock(clock.clone()).time_to_live(SECOND).build().unwrap();
    for round in 0..20 {
        for key in 1..=5 {
            sure(&cache, key, 20);
        }
        assert_eq!((cache.len(), cache.weight()), (5, 100), "round {round}");
        if round % 2 == 0 { clock.advance(SECOND) } else { cache.invalidate(&3) }
    }
    assert_eq!(cache.counts().evicted_for_room, 0);
    cache.invalidate_all();
    assert_eq!((cache.len(), cache.weight()), (0, 0));
}

// Known of moka (what came of pull request 24): an entry that took the place of a lighter one was weighed as that.
#[test]
fn an_entry_that_is_loaded_again_is_weighed_again() {
    let clock = ManualClock::new();
    let weigh = |_: &u32, value: &u32| u64::from(*value);
    let cache =
        small().capacity(1000).weigher(weigh).clock(clock.clone()).time_to_live(SECOND).build().unwrap();
    for weight in [10, 300, 1, 900, 20] {
        sure(&cache, 1, weight);
        assert_eq!((cache.len(), cache.weight()), (1, u64::from(weight)));
        clock.advance(SECOND);
    }
}
