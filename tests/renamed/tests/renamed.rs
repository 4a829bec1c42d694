//! Graphs of a crate that knows ember by another name.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ember_renamed::{borrowed, mixed, sum, sums};

#[test]
fn a_renamed_dependency_works() {
    assert_eq!(sum("1", "2").unwrap(), 3);
    assert_eq!(sums(&["1", "2"]).unwrap(), [2, 3]);
    let error = sums(&["1", "x"]).unwrap_err();
    assert_eq!((error.graph(), error.node()), ("sum", "x"));
    assert_eq!(sums::describe().name, "sums");
}

/// Polls again and again.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        std::thread::yield_now();
    }
}

#[test]
fn async_graphs_capture_what_they_borrow_in_any_edition() {
    assert_eq!(block_on(borrowed(&[7, 8], "x")), Some(&7));
    assert_eq!(block_on(borrowed(&[7, 8], "")), None);
    assert_eq!(block_on(mixed("12".to_owned())).unwrap(), 14);
    assert_eq!(block_on(mixed("x".to_owned())).unwrap_err().node(), "number");
}
