//! Every order in which a thread that waits may be woken.

use std::task::{Poll, Waker};

use loom::sync::Arc;
use loom::thread;

use super::turn::{Wait, wait};
use crate::Context;
use crate::policy::time::Time;
use crate::sync::{Mutex, lock};

/// Comes when it is given.
#[derive(Default)]
struct Given {
    is_there: bool,
    waker: Option<Waker>,
}

struct Waits(Arc<Mutex<Given>>);

impl Wait for Waits {
    type Output = ();

    fn poll(&mut self, waker: &Waker) -> Poll<()> {
        let mut given = lock(&self.0);
        if given.is_there {
            return Poll::Ready(());
        }
        given.waker = Some(waker.clone());
        Poll::Pending
    }

    fn step_aside(&mut self) -> bool {
        true
    }
}

fn give(given: &Mutex<Given>) {
    let waker = {
        let mut given = lock(given);
        given.is_there = true;
        given.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[test]
fn loom_a_thread_that_waits_for_its_turn_gets_it() {
    loom::model(|| {
        let given = Arc::new(Mutex::new(Given::default()));
        let there = given.clone();
        let other = thread::spawn(move || give(&there));
        let context = Context::builder().build();
        let outcome = wait(&mut Waits(given), None, &Time::default(), &context);
        assert_eq!(outcome, Ok(Some(())));
        other.join().unwrap();
    });
}

#[test]
fn loom_a_thread_that_waits_is_woken_by_what_stops_its_run() {
    loom::model(|| {
        let given = Arc::new(Mutex::new(Given::default()));
        let context = Context::builder().build();
        let there = context.clone();
        let other = thread::spawn(move || there.cancel());
        let outcome = wait(&mut Waits(given), None, &Time::default(), &context);
        assert!(outcome.is_err());
        other.join().unwrap();
    });
}
