//! A synchronous operator that owns what it works on, and whose time is up: its thread is left to it.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::large_futures,
    clippy::elidable_lifetime_names,
    clippy::manual_assert,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use ember::{ManualClock, policy::abandoned, prelude::*};

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

/// Opens once, and knows who came.
#[derive(Default)]
struct Door {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    came: u32,
    open: bool,
}

impl Door {
    fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.came += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.open).unwrap());
    }

    /// Until somebody has come.
    fn until_asked(&self) {
        drop(self.changed.wait_while(self.state.lock().unwrap(), |state| state.came == 0).unwrap());
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what is left behind owns what it works on")]
#[operator(timeout = "2s", concurrency = 1)]
fn hang(door: Arc<Door>, n: u32) -> Result<u32, Down> {
    door.pass();
    Ok(n)
}

graph! {
    fn hanging(door: Arc<Door>) -> Result<u32, ember::Error> {
        let n = hang(door, 7)?;
        Ok(n)
    }

    fn without(door: Arc<Door>) -> Result<u32, ember::Error> {
        #[without(timeout)]
        let n = hang(door, 7)?;
        Ok(n)
    }
}

/// Runs a graph on another thread, and lets its time pass when it waits.
fn late(door: &Arc<Door>, time: Duration) -> ember::Error {
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).timeout(time).build();
    thread::scope(|scope| {
        let run = scope.spawn(|| cx.scope(|| hanging(door.clone())));
        door.until_asked();
        clock.until_waiting(1);
        clock.advance(time);
        run.join().unwrap().unwrap_err()
    })
}

#[test]
fn r31_a_call_that_nothing_interrupts_is_left_behind_with_its_permit() {
    let door = Arc::new(Door::default());
    assert!(late(&door, Duration::from_secs(2)).is_timeout());
    assert_eq!(abandoned(), 1);
    // The permit is out until the call ends.
    let limit = hang::concurrency();
    assert_eq!((limit.in_use(), limit.waiting()), (1, 0));
    assert!(late(&door, Duration::from_secs(1)).is_timeout());
    assert_eq!(abandoned(), 1);
    door.open();
    assert_eq!(without(door.clone()).unwrap(), 7);
    assert_eq!(hanging(door).unwrap(), 7);
}
