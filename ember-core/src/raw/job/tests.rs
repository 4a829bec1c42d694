use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use super::{Job, Outcome, Running};

fn on_a_thread(job: Job) {
    drop(thread::spawn(job));
}

fn here(job: Job) {
    job();
}

/// Sends word when it is called.
struct Bell(Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let _ = self.0.send(());
    }
}

fn bell() -> (Waker, Receiver<()>) {
    let (sender, rings) = channel();
    (Waker::from(Arc::new(Bell(sender))), rings)
}

/// Waits for a call to end.
fn outcome<T>(running: &mut Running<'_, T>) -> Option<Outcome<T>> {
    let (waker, rings) = bell();
    loop {
        match running.poll(&Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => rings.recv().expect("the waker is known"),
        }
    }
}

fn is_pending<T>(running: &mut Running<'_, T>) -> bool {
    running.poll(&Context::from_waker(Waker::noop())).is_pending()
}

/// Adds one when it is dropped.
struct Dropped<'d>(&'d AtomicUsize);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_call_gives_its_value() {
    let text = "four".to_owned();
    let mut running = Running::start(|| text.len(), on_a_thread);
    assert_eq!(outcome(&mut running).unwrap().unwrap(), 4);
}

#[test]
fn a_call_may_borrow_and_hand_on_what_it_borrows() {
    let text = "four".to_owned();
    let mut running = Running::start(|| &text[1..], on_a_thread);
    assert_eq!(outcome(&mut running).unwrap().unwrap(), "our");
}

#[test]
fn a_call_gives_the_payload_of_its_panic() {
    let fail = || -> u32 { std::panic::resume_unwind(Box::new("no")) };
    let mut running = Running::start(fail, on_a_thread);
    let payload = outcome(&mut running).unwrap().unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"no"));
}

#[test]
fn a_call_that_is_over_before_it_is_asked_is_over() {
    let mut running = Running::start(|| 3, here);
    assert!(matches!(running.poll(&Context::from_waker(Waker::noop())), Poll::Ready(Some(Ok(3)))));
}

#[test]
fn a_job_that_is_dropped_without_having_run_ends_the_call() {
    let dropped = AtomicUsize::new(0);
    let owned = Dropped(&dropped);
    let mut running = Running::start(move || drop(owned), drop);
    assert_eq!(dropped.load(SeqCst), 1);
    assert!(outcome(&mut running).is_none());
}

#[test]
fn a_job_that_is_dropped_later_wakes_who_waits_for_it() {
    let dropped = AtomicUsize::new(0);
    let owned = Dropped(&dropped);
    let mut kept = None;
    let mut running = Running::start(move || drop(owned), |job| kept = Some(job));
    let (waker, rings) = bell();
    assert!(running.poll(&Context::from_waker(&waker)).is_pending());
    drop(kept);
    rings.recv().unwrap();
    assert_eq!(dropped.load(SeqCst), 1);
    assert!(outcome(&mut running).is_none());
}

#[test]
fn what_a_call_owns_is_gone_when_it_is_over() {
    for panics in [false, true] {
        let dropped = AtomicUsize::new(0);
        let owned = Dropped(&dropped);
        let call = move || {
            let _owned = &owned;
            if panics {
                std::panic::resume_unwind(Box::new(()));
            }
        };
        let mut running = Running::start(call, on_a_thread);
        assert_eq!(outcome(&mut running).unwrap().is_err(), panics);
        assert_eq!(dropped.load(SeqCst), 1);
    }
}

#[test]
fn a_call_that_runs_is_waited_for_when_nobody_wants_its_value() {
    let dropped = AtomicUsize::new(0);
    let order = Mutex::new(Vec::new());
    let ((started, starts), (go, goes), (dropping, drops)) = (channel(), channel::<()>(), channel());
    let (of_call, of_value) = (&order, &dropped);
    let call = move || {
        started.send(()).unwrap();
        goes.recv().unwrap();
        of_call.lock().unwrap().push("call");
        Dropped(of_value)
    };
    let mut running = Running::start(call, on_a_thread);
    starts.recv().unwrap();
    assert!(is_pending(&mut running));
    let (gone, is_gone) = channel();
    thread::scope(|scope| {
        let (order, dropped) = (&order, &dropped);
        scope.spawn(move || {
            dropping.send(()).unwrap();
            drop(running);
            order.lock().unwrap().push("drop");
            // The value went with it.
            assert_eq!(dropped.load(SeqCst), 1);
            gone.send(()).unwrap();
        });
        drops.recv().unwrap();
        assert_eq!(is_gone.try_recv(), Err(TryRecvError::Empty));
        go.send(()).unwrap();
        is_gone.recv().unwrap();
    });
    assert_eq!(*order.lock().unwrap(), ["call", "drop"]);
}

#[test]
fn the_waker_named_last_is_called_once_at_the_end() {
    let (go, goes) = channel::<()>();
    let mut running = Running::start(move || goes.recv().is_ok(), on_a_thread);
    let ((first, of_first), (last, of_last)) = (bell(), bell());
    assert!(running.poll(&Context::from_waker(&first)).is_pending());
    assert!(running.poll(&Context::from_waker(&last)).is_pending());
    assert!(running.poll(&Context::from_waker(&last)).is_pending());
    assert_eq!(of_last.try_recv(), Err(TryRecvError::Empty));
    go.send(()).unwrap();
    of_last.recv().unwrap();
    assert!(matches!(running.poll(&Context::from_waker(&last)), Poll::Ready(Some(Ok(true)))));
    drop((first, last));
    // Nobody holds a bell any more, and none has rung again.
    assert_eq!(of_last.recv(), Err(std::sync::mpsc::RecvError));
    assert_eq!(of_first.recv(), Err(std::sync::mpsc::RecvError));
}

#[test]
fn a_pool_that_panics_ends_the_call() {
    let started = catch_unwind(AssertUnwindSafe(|| {
        Running::start(|| 1, |_| std::panic::resume_unwind(Box::new("full")))
    }));
    assert!(started.is_err());
}
