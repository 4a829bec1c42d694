use std::cell::{Cell, RefCell};
use std::future::Future;
use std::marker::PhantomPinned;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::ptr;
use std::task::{Context, Poll, Waker};

use super::{Lazy, Stage};

/// Tells of its drop.
struct Told<'t>(&'static str, &'t RefCell<Vec<&'static str>>);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

/// Waits once, and sees that it stays where it is.
struct Once<'t> {
    at: Cell<usize>,
    panics: bool,
    _told: Told<'t>,
    _pinned: PhantomPinned,
}

impl Future for Once<'_> {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        let here = ptr::from_ref(&*self).addr();
        let before = self.at.replace(here);
        assert!(!self.panics, "it panics");
        assert!(before == 0 || before == here, "it was moved");
        if before == 0 { Poll::Pending } else { Poll::Ready(7) }
    }
}

type Drops = RefCell<Vec<&'static str>>;

fn lazy<'t>(drops: &'t Drops, panics: bool) -> Lazy<impl FnOnce() -> Once<'t>, Once<'t>> {
    let make = Told("make", drops);
    Lazy::new(move || {
        drop(make);
        Once { at: Cell::new(0), panics, _told: Told("future", drops), _pinned: PhantomPinned }
    })
}

fn poll<'t, M: FnOnce() -> Once<'t>>(mut lazy: Pin<&mut Lazy<M, Once<'t>>>) -> Poll<u8> {
    let poll = |future: Pin<&mut Once<'t>>| future.poll(&mut Context::from_waker(Waker::noop()));
    match lazy.as_mut().made() {
        Some(made) => made.poll(poll),
        None => lazy.to_be_made().poll(poll),
    }
}

fn is_over<M, F>(lazy: &Lazy<M, F>) -> bool {
    matches!(lazy.stage, Stage::Over)
}

#[test]
fn a_future_is_made_once_stays_and_is_dropped_when_it_is_ready() {
    let drops = Drops::default();
    let mut lazy = pin!(lazy(&drops, false));
    assert!(drops.borrow().is_empty());
    assert_eq!(poll(lazy.as_mut()), Poll::Pending);
    assert_eq!(*drops.borrow(), ["make"]);
    assert_eq!(poll(lazy.as_mut()), Poll::Ready(7));
    assert_eq!(*drops.borrow(), ["make", "future"]);
    assert!(is_over(&lazy));
    lazy.set(self::lazy(&drops, false));
    assert_eq!(drops.borrow().len(), 2);
}

#[test]
fn what_is_there_is_dropped_with_it() {
    let drops = Drops::default();
    drop(lazy(&drops, false));
    assert_eq!(*drops.borrow(), ["make"]);
    {
        let mut lazy = pin!(lazy(&drops, false));
        assert_eq!(poll(lazy.as_mut()), Poll::Pending);
    }
    assert_eq!(*drops.borrow(), ["make", "make", "future"]);
}

#[test]
fn it_can_be_ended_at_any_time() {
    let drops = Drops::default();
    let mut new = pin!(lazy(&drops, false));
    new.as_mut().to_be_made().end();
    assert_eq!(*drops.borrow(), ["make"]);
    assert!(is_over(&new));
    let mut waits = pin!(lazy(&drops, false));
    assert_eq!(poll(waits.as_mut()), Poll::Pending);
    waits.as_mut().made().expect("it is there").end();
    assert_eq!(*drops.borrow(), ["make", "make", "future"]);
    assert!(is_over(&waits));
}

#[test]
fn a_panic_ends_it() {
    let drops = Drops::default();
    let mut panics = pin!(lazy(&drops, true));
    catch_unwind(AssertUnwindSafe(|| poll(panics.as_mut()))).unwrap_err();
    assert_eq!(*drops.borrow(), ["make", "future"]);
    assert!(is_over(&panics));
    let told = Told("what panics", &drops);
    let mut never_made = pin!(Lazy::new(move || -> Once<'_> {
        let _told = told;
        panic!("it is not made")
    }));
    catch_unwind(AssertUnwindSafe(|| poll(never_made.as_mut()))).unwrap_err();
    assert_eq!(*drops.borrow(), ["make", "future", "what panics"]);
    assert!(is_over(&never_made));
}

#[test]
#[should_panic = "a node was begun that had begun before"]
fn it_is_made_once() {
    let drops = Drops::default();
    let mut waits = pin!(lazy(&drops, false));
    assert_eq!(poll(waits.as_mut()), Poll::Pending);
    waits.to_be_made().end();
}
