//! `async` graphs in one another, deeper than plain `async fn`s go: whether the future may cross threads, the compiler asks
//! at each of them and not of all together.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use ember::prelude::*;

#[operator]
async fn wait(n: u64) -> u64 {
    let mut waited = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    n
}

/// Graphs of which each holds the one before, beside a node.
macro_rules! nested {
    ($inner:ident;) => {};
    ($inner:ident; $outer:ident $($rest:ident)*) => {
        graph! {
            async fn $outer(n: u64) -> u64 {
                let inside = $inner(n).await;
                let beside = wait(1).await;
                inside + beside
            }
        }
        nested!($outer; $($rest)*);
    };
}

nested!(wait; g1 g2 g3 g4 g5 g6 g7 g8 g9 g10 g11 g12 g13 g14 g15 g16 g17 g18 g19 g20 g21 g22 g23 g24 g25 g26 g27 g28 g29 g30
    g31 g32 g33 g34 g35 g36 g37 g38 g39 g40 g41 g42 g43 g44 g45 g46 g47 g48 g49 g50);

#[operator]
async fn count(cell: &Rc<Cell<u64>>) -> u64 {
    cell.set(cell.get() + wait(1).await);
    cell.get()
}

graph! {
    /// It stays on its thread.
    async fn counted(cell: &Rc<Cell<u64>>) -> u64 {
        let own = { Rc::clone(cell) };
        let one = count(&own).await;
        let two = wait(2).await;
        one + two
    }

    async fn counted_inside(cell: &Rc<Cell<u64>>) -> u64 {
        let a = counted(cell).await;
        let b = wait(3).await;
        a + b
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

fn crosses<F: Send>(future: F) -> F {
    future
}

#[test]
fn fifty_graphs_in_one_another_may_cross_threads() {
    let future = Box::pin(crosses(g50(7)));
    // Without optimisations each poll of a graph has a copy of what is inside of it on the stack.
    let thread = std::thread::Builder::new().stack_size(32 << 20);
    assert_eq!(thread.spawn(|| block_on(future)).unwrap().join().unwrap(), 7 + 50);
}

#[test]
fn a_graph_that_stays_on_its_thread_may_be_a_node() {
    assert_eq!(block_on(counted_inside(&Rc::default())), 1 + 2 + 3);
}
