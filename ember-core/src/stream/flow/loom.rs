//! Models of what the thread that takes results has in common with others: it is woken when its result is there, and what is
//! left when it goes is dropped.

use loom::sync::Arc as LoomArc;
use loom::thread;

use super::{Gate, Helpers, Next, Pace, Pulled, Shared, State};
use crate::batch::lot;
use crate::context::Context;
use crate::sync::{Condvar, Mutex, lock};

type Alive = LoomArc<()>;

fn shared(items: Vec<(usize, Vec<Alive>)>) -> LoomArc<Shared<Alive, Alive, (), ()>> {
    LoomArc::new(Shared {
        gate: Gate::new(Context::builder().build(), false),
        run: |gate, first, items, _| {
            lot::collect(gate, first, items, None, Ok, |_, _| unreachable!("nothing panics"))
        },
        state: Mutex::new(State {
            queue: items
                .into_iter()
                .map(|(first, items)| (first, Pulled { items, charges: Vec::new(), refused: None }))
                .collect(),
            done: std::collections::BTreeMap::new(),
            pace: Pace::START,
            helpers: Helpers::new(0),
            waits: false,
            closed: false,
        }),
        changed: Condvar::new(),
    })
}

fn work(shared: &Shared<Alive, Alive, (), ()>) {
    while let Next::Lot { first, lot, others } = shared.next_lot() {
        shared.run(first, lot, others);
    }
}

#[test]
fn who_waits_for_a_result_is_woken() {
    loom::model(|| {
        let alive = Alive::new(());
        let shared = shared((0..2).map(|i| (i, vec![alive.clone()])).collect());
        let other = thread::spawn({
            let shared = shared.clone();
            move || work(&shared)
        });
        for next in 0..2 {
            while shared.done(next, false).is_none() {
                shared.take_part_or_wait(next, false);
            }
        }
        other.join().unwrap();
    });
}

#[test]
fn what_is_left_when_nobody_takes_results_is_dropped() {
    loom::model(|| {
        let alive = Alive::new(());
        let shared = shared((0..2).map(|i| (i, vec![alive.clone()])).collect());
        let other = thread::spawn({
            let shared = shared.clone();
            move || work(&shared)
        });
        shared.close();
        other.join().unwrap();
        assert_eq!(LoomArc::strong_count(&alive), 1);
        assert!(lock(&shared.state).done.is_empty());
    });
}
