//! Tests of the cells of open graphs.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::{OpenBaton, OpenLent, OpenSlot};

/// What a cell says of its misuse.
fn refused<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { panic!("the misuse went unnoticed") };
    *payload.downcast::<String>().expect("a text")
}

#[test]
fn a_slot_is_written_once_and_lends_what_it_holds() {
    let slot = OpenSlot::<Box<u8>>::new();
    assert!(refused(|| slot.get().clone()).contains("read before its node ran"));
    slot.set(Box::new(7));
    let lent = slot.get();
    assert!(refused(|| slot.set(Box::new(8))).contains("written twice"));
    assert_eq!((**lent, *slot.into_inner()), (7, 7));
    assert!(refused(|| OpenSlot::<u8>::new().into_inner()).contains("moved before its node ran"));
}

#[test]
fn a_baton_is_handed_over_once() {
    let baton = OpenBaton::new();
    assert!(refused(|| baton.take()).contains("was not there"));
    baton.set(Box::new(7));
    assert!(refused(|| baton.set(Box::new(8))).contains("written twice"));
    assert_eq!(*baton.take(), 7);
    assert!(refused(|| baton.take()).contains("was not there"));
    assert_eq!(OpenBaton::full(9).into_inner(), 9);
    assert!(refused(|| OpenBaton::<u8>::new().into_inner()).contains("moved before its node ran"));
}

#[test]
fn values_that_stay_on_their_thread_may_wait_in_them() {
    let value = Rc::new(Cell::new(0));
    let (slot, baton) = (OpenSlot::new(), OpenBaton::full(value.clone()));
    slot.set(OpenLent::new(&value));
    slot.get().get().set(3);
    assert_eq!(baton.take().get(), 3);
}

/// Two tasks that pass a value on by a slot and a baton, and wait in between.
async fn tasks() -> usize {
    let (slot, baton) = (OpenSlot::new(), OpenBaton::new());
    {
        let first = async {
            slot.set(vec![1, 2]);
            Yield(false).await;
            baton.set(vec![3]);
        };
        let second = async {
            Yield(false).await;
            let both: &Vec<usize> = slot.get();
            Yield(false).await;
            both.len() + baton.take().len()
        };
        let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
        let mut done = false;
        std::future::poll_fn(|cx| {
            if !done {
                done = first.as_mut().poll(cx).is_ready();
            }
            second.as_mut().poll(cx)
        })
        .await
            + slot.into_inner().len()
    }
}

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[test]
fn a_future_with_them_may_go_from_thread_to_thread() {
    let mut future: Pin<Box<dyn Future<Output = usize> + Send>> = Box::pin(tasks());
    for _ in 0..2 {
        future = thread::spawn(move || {
            let mut future = future;
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            future
        })
        .join()
        .unwrap();
    }
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(5));
}
