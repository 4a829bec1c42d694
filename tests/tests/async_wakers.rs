//! Who is polled when a node is woken: of a few small nodes all that wait, else the one that was woken.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use ember::prelude::*;

thread_local! {
    /// Whom to wake for each node, as of its last poll; which nodes may end; and how often nodes were polled.
    static WAKERS: RefCell<Vec<Option<Waker>>> = const { RefCell::new(Vec::new()) };
    static OPEN: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
    static POLLS: Cell<usize> = const { Cell::new(0) };
}

#[operator]
async fn waits(n: usize) -> usize {
    poll_fn(|cx| {
        POLLS.set(POLLS.get() + 1);
        if OPEN.with_borrow(|open| open[n]) {
            return Poll::Ready(n);
        }
        WAKERS.with_borrow_mut(|wakers| wakers[n] = Some(cx.waker().clone()));
        Poll::Pending
    })
    .await
}

graph! {
    async fn four() -> usize {
        let all = [waits(0).await, waits(1).await, waits(2).await, waits(3).await];
        all.iter().sum()
    }

    async fn twenty(first: usize) -> usize {
        let all = [
            waits(first).await, waits(first + 1).await, waits(first + 2).await, waits(first + 3).await,
            waits(first + 4).await, waits(first + 5).await, waits(first + 6).await, waits(first + 7).await,
            waits(first + 8).await, waits(first + 9).await, waits(first + 10).await, waits(first + 11).await,
            waits(first + 12).await, waits(first + 13).await, waits(first + 14).await, waits(first + 15).await,
            waits(first + 16).await, waits(first + 17).await, waits(first + 18).await, waits(first + 19).await,
        ];
        all.iter().sum()
    }

    async fn items(count: usize) -> usize {
        let all = for n in 0..count { waits(n).await };
        all.iter().enumerate().filter(|(place, n)| place == *n).count()
    }

    async fn nested() -> usize {
        let (a, b, c) = (twenty(0).await, twenty(20).await, twenty(40).await);
        a + b + c
    }
}

#[operator]
fn sum(a: usize, b: usize, c: usize, d: usize) -> usize {
    a + b + c + d
}

graph! {
    async fn held_four(first: usize) -> usize {
        let (a, b) = (waits(first).await, waits(first + 1).await);
        let (c, d) = (waits(first + 2).await, waits(first + 3).await);
        let all = sum(a, b, c, d);
        all
    }

    async fn held_sixteen(first: usize) -> usize {
        let (a, b) = (held_four(first).await, held_four(first + 4).await);
        let (c, d) = (held_four(first + 8).await, held_four(first + 12).await);
        let all = sum(a, b, c, d);
        all
    }

    async fn held_all() -> usize {
        let (a, b) = (held_sixteen(0).await, held_sixteen(16).await);
        let (c, d) = (held_sixteen(32).await, held_sixteen(48).await);
        let all = sum(a, b, c, d);
        all
    }
}

/// More nodes than there are bits in a word.
macro_rules! seventy {
    ($($name:ident $n:literal)*) => {
        graph! {
            async fn seventy() -> usize {
                $(let $name = waits($n).await;)*
                0 $(+ $name)*
            }
        }
    };
}
seventy!(n0 0 n1 1 n2 2 n3 3 n4 4 n5 5 n6 6 n7 7 n8 8 n9 9 n10 10 n11 11 n12 12 n13 13 n14 14 n15 15 n16 16 n17 17 n18 18
    n19 19 n20 20 n21 21 n22 22 n23 23 n24 24 n25 25 n26 26 n27 27 n28 28 n29 29 n30 30 n31 31 n32 32 n33 33 n34 34 n35 35
    n36 36 n37 37 n38 38 n39 39 n40 40 n41 41 n42 42 n43 43 n44 44 n45 45 n46 46 n47 47 n48 48 n49 49 n50 50 n51 51 n52 52
    n53 53 n54 54 n55 55 n56 56 n57 57 n58 58 n59 59 n60 60 n61 61 n62 62 n63 63 n64 64 n65 65 n66 66 n67 67 n68 68 n69 69);

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Run<'f> {
    future: Pin<Box<dyn Future<Output = usize> + 'f>>,
    woken: Arc<Woken>,
}

impl<'f> Run<'f> {
    fn new(nodes: usize, future: impl Future<Output = usize> + 'f) -> Self {
        WAKERS.set((0..nodes).map(|_| None).collect());
        OPEN.set(vec![false; nodes]);
        Self { future: Box::pin(future), woken: Arc::default() }
    }

    /// Polls once. Gives what came of it, and how many polls of nodes there were.
    fn poll(&mut self) -> (Poll<usize>, usize) {
        POLLS.set(0);
        let waker = Waker::from(self.woken.clone());
        let polled = self.future.as_mut().poll(&mut Context::from_waker(&waker));
        (polled, POLLS.get())
    }

    /// Lets a node end, wakes it, and polls. Gives the same.
    fn wake(&mut self, node: usize) -> (Poll<usize>, usize) {
        OPEN.with_borrow_mut(|open| open[node] = true);
        let before = self.woken.0.load(Ordering::Relaxed);
        WAKERS.with_borrow(|wakers| wakers[node].as_ref().expect("it waits").wake_by_ref());
        assert_eq!(self.woken.0.load(Ordering::Relaxed), before + 1, "the run is woken");
        self.poll()
    }
}

#[test]
fn a_few_nodes_that_wait_are_polled_together() {
    let mut run = Run::new(4, four());
    assert_eq!(run.poll(), (Poll::Pending, 4));
    assert_eq!(run.wake(2), (Poll::Pending, 4));
    assert_eq!(run.wake(0), (Poll::Pending, 3));
    assert_eq!(run.wake(1), (Poll::Pending, 2));
    assert_eq!(run.wake(3), (Poll::Ready(6), 1));
}

#[test]
fn of_many_nodes_that_wait_the_one_that_is_woken_is_polled() {
    let mut run = Run::new(20, twenty(0));
    assert_eq!(run.poll(), (Poll::Pending, 20));
    assert_eq!(run.wake(7), (Poll::Pending, 20));
    assert_eq!(run.wake(8), (Poll::Pending, 19), "they get wakers of their own");
    for node in (0..20).filter(|node| ![7, 8, 19].contains(node)) {
        assert_eq!(run.wake(node), (Poll::Pending, 1));
    }
    assert_eq!(run.poll(), (Poll::Pending, 0), "nobody was woken");
    assert_eq!(run.wake(19), (Poll::Ready(190), 1));
}

#[test]
fn the_nodes_of_nested_graphs_are_polled_one_by_one() {
    let mut run = Run::new(60, nested());
    assert_eq!(run.poll(), (Poll::Pending, 60));
    assert_eq!(run.wake(30), (Poll::Pending, 60));
    assert_eq!(run.wake(31), (Poll::Pending, 59), "they get wakers of their own");
    for node in (0..59).filter(|node| ![30, 31].contains(node)) {
        assert_eq!(run.wake(node), (Poll::Pending, 1), "{node}");
    }
    assert_eq!(run.wake(59), (Poll::Ready(1770), 1));
}

#[test]
fn of_nested_graphs_with_calls_on_other_threads_the_one_that_is_woken_is_polled() {
    let mut run = Run::new(64, held_all());
    assert_eq!(run.poll(), (Poll::Pending, 64));
    assert_eq!(run.wake(0), (Poll::Pending, 64));
    assert_eq!(run.wake(4), (Poll::Pending, 63), "the graphs get wakers of their own");
    for node in (0..64).filter(|node| ![0, 3, 4].contains(node) && node % 4 != 3) {
        let (polled, polls) = run.wake(node);
        assert!(polled.is_pending() && polls <= 4, "{node}: {polls}");
    }
    assert_eq!(run.poll(), (Poll::Pending, 0), "nobody was woken");
    // The last of each graph, behind which calls start.
    OPEN.with_borrow_mut(|open| open.fill(true));
    WAKERS.with_borrow(|wakers| wakers.iter().flatten().for_each(Waker::wake_by_ref));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    assert_eq!(runtime.block_on(run.future), 2016);
}

#[test]
fn of_seventy_nodes_the_one_that_is_woken_is_polled() {
    let mut run = Run::new(70, seventy());
    assert_eq!(run.poll(), (Poll::Pending, 70));
    assert_eq!(run.wake(66), (Poll::Pending, 70));
    assert_eq!(run.wake(65), (Poll::Pending, 69), "they get wakers of their own");
    for node in (0..70).rev().filter(|node| ![5, 65, 66].contains(node)) {
        assert_eq!(run.wake(node), (Poll::Pending, 1), "{node}");
    }
    assert_eq!(run.poll(), (Poll::Pending, 0), "nobody was woken");
    assert_eq!(run.wake(5), (Poll::Ready(2415), 1));
}

#[test]
fn of_many_items_the_one_that_is_woken_is_polled() {
    // More than one block of wakers is for.
    let count = 200;
    let mut run = Run::new(count, items(count));
    assert_eq!(run.poll(), (Poll::Pending, count));
    for node in (0..count).rev().filter(|node| *node != 63) {
        assert_eq!(run.wake(node), (Poll::Pending, 1), "{node}");
    }
    assert_eq!(run.poll(), (Poll::Pending, 0), "nobody was woken");
    assert_eq!(run.wake(63), (Poll::Ready(count), 1), "the results are in the order of the items");
}
