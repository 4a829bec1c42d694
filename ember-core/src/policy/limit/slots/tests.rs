use proptest::prelude::*;

use super::{Slot, Slots};

/// The bound itself: in no window do more calls start than a burst and what the rate allows.
fn is_within(starts: &mut [u64], interval: u64, burst: u32) -> bool {
    starts.sort_unstable();
    let n = starts.len();
    (0..n).all(|first| {
        (first..n).all(|last| {
            let calls = (last - first + 1) as u64;
            let time = starts[last] - starts[first];
            calls <= u64::from(burst) + time / interval
        })
    })
}

/// The same by counting: whether one more call may start at a time, after those that have started.
fn may_start(starts: &[u64], at: u64, interval: u64, burst: u32) -> bool {
    let mut starts = [starts, &[at]].concat();
    is_within(&mut starts, interval, burst)
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Pass(u64),
    Call { patience: u64 },
    GiveUp(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0..40_u64).prop_map(Deed::Pass),
        5 => prop_oneof![Just(0), 0..100_u64].prop_map(|patience| Deed::Call { patience }),
        2 => (0..8_usize).prop_map(Deed::GiveUp),
    ];
    proptest::collection::vec(deed, 0..120)
}

proptest! {
    #[test]
    fn r30_never_more_than_a_burst_and_the_rate_in_any_window(
        interval in 1..20_u64, burst in 1..5_u32, deeds in deeds(),
    ) {
        let slots = Slots::new(interval, burst, 1_000);
        let (mut now, mut started) = (7, Vec::new());
        let mut waiting: Vec<Slot> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Pass(time) => now += time,
                Deed::GiveUp(which) if which < waiting.len() => {
                    let slot = waiting.remove(which);
                    slots.give_back(slot);
                }
                Deed::GiveUp(_) => {}
                Deed::Call { patience } => match slots.reserve(now, patience) {
                    Ok(slot) if slot.start <= now => started.push(now),
                    Ok(slot) => {
                        prop_assert!(slot.start - now <= patience);
                        waiting.push(slot);
                    }
                    Err(after) => prop_assert!(after > patience),
                },
            }
            waiting.retain(|slot| {
                let waits = slot.start > now;
                if !waits {
                    started.push(slot.start);
                }
                waits
            });
            let mut all = started.clone();
            all.extend(waiting.iter().map(|slot| slot.start));
            prop_assert!(is_within(&mut all, interval, burst), "{all:?}");
            prop_assert!(slots.holes() <= 120);
        }
        // Alone, it is as good as new once all that was started has been made up for.
        for slot in waiting {
            slots.give_back(slot);
        }
        let next = started.iter().max().copied().unwrap_or(0).max(now) + interval * u64::from(burst);
        for _ in 0..burst {
            prop_assert!(slots.reserve(next, 0).is_ok());
        }
    }

    #[test]
    fn without_waiting_all_that_the_bound_allows_pass(
        interval in 1..20_u64, burst in 1..5_u32, times in proptest::collection::vec(0..30_u64, 0..60),
    ) {
        let slots = Slots::new(interval, burst, 0);
        let (mut now, mut started) = (0, Vec::new());
        for time in times {
            now += time;
            let passed = slots.reserve(now, 0).is_ok();
            prop_assert_eq!(passed, may_start(&started, now, interval, burst), "{:?} and {}", started, now);
            if passed {
                started.push(now);
            }
        }
    }

    #[test]
    fn r30_who_is_refused_and_comes_back_when_told_passes(
        interval in 1..1_000_000_000_u64, burst in 1..50_u32, calls in 1..200_usize, now in 0..1_000_000_u64,
    ) {
        let slots = Slots::new(interval, burst, 0);
        let mut refused = None;
        for _ in 0..calls {
            refused = slots.reserve(now, 0).err();
        }
        if let Some(after) = refused {
            prop_assert!(slots.reserve(now + after - 1, 0).is_err(), "not before");
            prop_assert!(slots.reserve(now + after, 0).is_ok());
        }
    }
}

#[test]
fn a_clock_that_stands_still_lets_a_burst_through_and_no_more() {
    let slots = Slots::new(10, 3, 0);
    let passed = (0..1_000).filter(|_| slots.reserve(5, 0).is_ok()).count();
    assert_eq!(passed, 3);
}

#[test]
fn a_clock_that_goes_back_keeps_nobody_out_for_as_long_as_it_went() {
    let slots = Slots::new(10, 3, 50);
    for at in [1_000_000, 1_000_001, 1_000_002] {
        assert!(slots.reserve(at, 0).is_ok());
    }
    let after = slots.reserve(0, 0).unwrap_err();
    assert!(after <= 10 + 50, "{after}");
    assert!(slots.reserve(after, 0).is_ok());
}

#[test]
fn nothing_overflows_at_the_ends() {
    let long = 1 << 62;
    let slots = Slots::new(long / 2, 1, long);
    assert!(slots.reserve(0, 0).is_ok());
    assert_eq!(slots.reserve(0, 0), Err(long / 2));
    assert_eq!(slots.reserve(long, 0).map(|slot| slot.start), Ok(long));
    let swift = Slots::new(1, u32::MAX, 0);
    assert!((0..1_000).all(|_| swift.reserve(0, 0).is_ok()));
}

/// As in a queue whose callers are all cancelled, first come first gone: only the last of them holds the last slot.
#[test]
fn reservations_that_are_given_up_leave_no_tokens_behind() {
    for backwards in [false, true] {
        let slots = Slots::new(10, 1, 10_000);
        slots.reserve(0, 0).unwrap();
        let mut waiting: Vec<_> = (0..100).map(|_| slots.reserve(0, 10_000).unwrap()).collect();
        if backwards {
            waiting.reverse();
        }
        for slot in waiting {
            slots.give_back(slot);
        }
        assert_eq!((slots.reserve(0, 100).unwrap().start, slots.holes()), (10, 0));
    }
}

#[test]
fn a_hole_between_others_goes_to_the_next_who_comes() {
    let slots = Slots::new(10, 1, 1_000);
    let waiting: Vec<_> = (0..4).map(|_| slots.reserve(0, 1_000).unwrap()).collect();
    slots.give_back(waiting[2]);
    assert_eq!(slots.reserve(0, 1_000).unwrap().start, 20);
    assert_eq!(slots.reserve(0, 1_000).unwrap().start, 40);
    slots.give_back(waiting[1]);
    assert_eq!(slots.reserve(11, 1_000).unwrap().start, 50, "that hole is past");
    assert_eq!(slots.holes(), 0);
}
