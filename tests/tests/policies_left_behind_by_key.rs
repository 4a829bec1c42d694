//! A call that is left behind keeps the permit of its key until it ends.
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "what is left behind owns what it works on"
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

#[operator(timeout = "2s", limit(concurrency = 1, queue = 0, key = |tenant| *tenant))]
fn hang(tenant: u32, door: Arc<Door>) -> Result<u32, Down> {
    door.pass();
    Ok(tenant)
}

graph! {
    fn hanging(tenant: u32, door: Arc<Door>) -> Result<u32, ember::Error> {
        let n = hang(tenant, door)?;
        Ok(n)
    }
}

#[test]
fn r31_a_call_that_is_left_behind_keeps_the_permit_of_its_key() {
    let door = Arc::new(Door::default());
    let clock = ManualClock::new();
    let cx = Context::builder().clock(clock.clone()).build();
    let late = thread::scope(|scope| {
        let run = scope.spawn(|| cx.scope(|| hanging(1, door.clone())));
        door.until_asked();
        clock.until_waiting(1);
        clock.advance(Duration::from_secs(2));
        run.join().unwrap()
    });
    assert!(late.unwrap_err().is_timeout());
    assert_eq!(abandoned(), 1);
    let open = Arc::new(Door::default());
    open.open();
    // Nobody waits for it, and still it counts.
    assert!(hanging(1, open.clone()).unwrap_err().is_limited());
    assert_eq!(hanging(2, open.clone()).unwrap(), 2);
    door.open();
    while abandoned() > 0 {
        thread::yield_now();
    }
    assert_eq!(hanging(1, open).unwrap(), 1);
}
