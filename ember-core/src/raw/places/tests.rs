use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::Places;

#[test]
fn values_stand_in_the_order_of_their_places_whoever_fills_them_first() {
    let places = Places::new(5);
    let (mut first, mut second) = (places.claim(0, 2).unwrap(), places.claim(2, 3).unwrap());
    for value in ["c", "d", "e"] {
        second.push(value.to_string());
    }
    drop(second);
    first.push("a".to_string());
    first.push("b".to_string());
    drop(first);
    assert_eq!(places.into_values(), ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_claim_begins_where_the_last_one_ended_and_has_room() {
    let places = Places::<u8>::new(4);
    assert!(places.claim(1, 1).is_none());
    assert!(places.claim(0, 0).is_none());
    assert!(places.claim(0, 5).is_none());
    assert!(places.claim(usize::MAX, 2).is_none());
    let held = places.claim(0, 3).unwrap();
    assert!(places.claim(0, 3).is_none());
    assert!(places.claim(3, 2).is_none());
    assert!(places.claim(3, 1).is_some());
    drop(held);
    assert!(places.into_values().is_empty());
}

#[test]
fn who_has_no_place_left_cannot_push() {
    let places = Places::new(2);
    let mut claimed = places.claim(0, 1).unwrap();
    claimed.push(Box::new(1));
    assert!(catch_unwind(AssertUnwindSafe(|| claimed.push(Box::new(2)))).is_err());
    drop(claimed);
    assert_eq!(places.into_values(), [Box::new(1)]);
}

#[test]
fn values_of_no_size_are_counted() {
    let places = Places::new(3);
    for first in 0..3 {
        let mut claimed = places.claim(first, 1).unwrap();
        if first != 1 {
            claimed.push(());
        }
    }
    assert_eq!(places.into_values().len(), 2);
}

#[test]
fn threads_fill_places_side_by_side() {
    let places = Places::new(300);
    let claims: Vec<_> = (0..3).map(|lot| places.claim(100 * lot, 100).unwrap()).collect();
    thread::scope(|scope| {
        for (lot, mut claimed) in claims.into_iter().enumerate() {
            scope.spawn(move || {
                for value in (100 * lot..100 * (lot + 1)).filter(|value| value % 7 != 0) {
                    claimed.push(Box::new(value));
                }
            });
        }
    });
    let expected = (0..300).filter(|value| value % 7 != 0).map(Box::new);
    assert!(places.into_values().into_iter().eq(expected));
}

proptest! {
    /// Whatever lots leave empty, and whether values are taken or dropped, each is there once.
    #[test]
    fn r15_gaps_are_closed_and_each_value_is_dropped_once(
        lots in prop::collection::vec((1..9_usize, 0..9_usize), 0..12),
        more in 0..3_usize,
        taken: bool,
    ) {
        let alive = Arc::new(());
        let room = lots.iter().map(|(count, _)| count).sum::<usize>() + more;
        let (places, mut first, mut expected) = (Places::new(room), 0, Vec::new());
        let mut claims = Vec::new();
        for (count, filled) in lots {
            let mut claimed = places.claim(first, count).unwrap();
            for place in first..first + filled.min(count) {
                claimed.push((place, alive.clone()));
                expected.push(place);
            }
            claims.push(claimed);
            first += count;
        }
        // Those that come to their end first may stand last.
        while claims.pop().is_some() {}
        drop(claims);
        prop_assert_eq!(Arc::strong_count(&alive), 1 + expected.len());
        if taken {
            let values = places.into_values();
            prop_assert_eq!(values.iter().map(|(place, _)| *place).collect::<Vec<_>>(), expected);
        } else {
            drop(places);
        }
        prop_assert_eq!(Arc::strong_count(&alive), 1);
    }
}
