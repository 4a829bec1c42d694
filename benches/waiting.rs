//! What a node costs that waits, beside the hand-written ways: `join!`, and `FuturesUnordered`, which polls only what was
//! woken.
//!
//! `cargo bench -p ember-benches --bench waiting`. Nanoseconds a node, the medians of interleaved rounds. Nodes do nothing
//! but wait, and an executor without a thread drives them, so that nothing else is in the figures.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

use ember::{graph, operator};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;

/// What a node waits for.
#[derive(Clone, Copy)]
enum Waits {
    /// Nothing.
    Ready,
    /// It wakes itself once.
    Itself,
    /// The executor wakes one node after the other, and polls the whole in between.
    Alone,
}

thread_local! {
    /// Those who wait to be woken, the number of the next to join them, and how many of them were woken.
    static QUEUE: RefCell<VecDeque<Waker>> = const { RefCell::new(VecDeque::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
    static WOKEN: Cell<u64> = const { Cell::new(0) };
}

struct Node {
    waits: Waits,
    number: Option<u64>,
}

impl Future for Node {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        match (self.waits, self.number) {
            (Waits::Ready, _) | (Waits::Itself, Some(_)) => Poll::Ready(1),
            (Waits::Itself, None) => {
                self.number = Some(0);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            (Waits::Alone, None) => {
                self.number = Some(NEXT.replace(NEXT.get() + 1));
                QUEUE.with_borrow_mut(|queue| queue.push_back(cx.waker().clone()));
                Poll::Pending
            }
            (Waits::Alone, Some(number)) if number < WOKEN.get() => Poll::Ready(1),
            (Waits::Alone, Some(number)) => {
                // Whom to wake is who polled last.
                let place = usize::try_from(number - WOKEN.get()).expect("few nodes");
                QUEUE.with_borrow_mut(|queue| queue[place].clone_from(cx.waker()));
                Poll::Pending
            }
        }
    }
}

#[operator]
async fn node(waits: Waits) -> u64 {
    Node { waits, number: None }.await
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

/// Polls a future to its end. When it waits, wakes one node after the other.
fn run<F: Future>(flag: &Arc<Flag>, future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(flag.clone());
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        while !flag.0.swap(false, Ordering::Acquire) {
            let waker = QUEUE.with_borrow_mut(VecDeque::pop_front).expect("a node waits");
            WOKEN.set(WOKEN.get() + 1);
            waker.wake();
        }
    }
}

/// The same nodes side by side as a graph, in `join!` and in `FuturesUnordered`.
macro_rules! side_by_side {
    ($module:ident: $($name:ident)*) => {
        mod $module {
            use super::{FuturesUnordered, StreamExt, Waits, graph, node};

            graph! {
                pub(super) async fn ember(waits: Waits) -> u64 {
                    $(let $name = node(waits).await;)*
                    0 $(+ $name)*
                }
            }

            pub(super) async fn join(waits: Waits) -> u64 {
                let ($($name,)*) = futures_util::join!($(side_by_side!(@node $name waits)),*);
                0 $(+ $name)*
            }

            pub(super) async fn unordered(waits: Waits) -> u64 {
                let mut all: FuturesUnordered<_> =
                    [$(side_by_side!(@node $name waits)),*].into_iter().collect();
                let mut sum = 0;
                while let Some(value) = all.next().await {
                    sum += value;
                }
                sum
            }
        }
    };
    (@node $name:ident $waits:ident) => { node($waits) };
}

side_by_side!(ten: n0 n1 n2 n3 n4 n5 n6 n7 n8 n9);
side_by_side!(hundred:
    n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12 n13 n14 n15 n16 n17 n18 n19 n20 n21 n22 n23 n24 n25 n26 n27 n28 n29 n30
    n31 n32 n33 n34 n35 n36 n37 n38 n39 n40 n41 n42 n43 n44 n45 n46 n47 n48 n49 n50 n51 n52 n53 n54 n55 n56 n57 n58 n59
    n60 n61 n62 n63 n64 n65 n66 n67 n68 n69 n70 n71 n72 n73 n74 n75 n76 n77 n78 n79 n80 n81 n82 n83 n84 n85 n86 n87 n88
    n89 n90 n91 n92 n93 n94 n95 n96 n97 n98 n99);

/// As many nodes as the run says: there `join_all` stands for `join!`.
mod items {
    use super::{FuturesUnordered, StreamExt, Waits, graph, join_all, node};

    pub(super) const COUNT: usize = 10_000;

    graph! {
        pub(super) async fn ember(waits: Waits) -> u64 {
            let all = for _ in 0..COUNT { node(waits).await };
            all.iter().sum()
        }
    }

    pub(super) async fn join(waits: Waits) -> u64 {
        join_all((0..COUNT).map(|_| node(waits))).await.iter().sum()
    }

    pub(super) async fn unordered(waits: Waits) -> u64 {
        let mut all: FuturesUnordered<_> = (0..COUNT).map(|_| node(waits)).collect();
        let mut sum = 0;
        while let Some(value) = all.next().await {
            sum += value;
        }
        sum
    }
}

const ROUNDS: usize = 51;
/// How many nodes each way runs in a round, some runs one after the other.
const NODES: usize = 20_000;

/// The medians of the three ways. They take turns.
macro_rules! times {
    ($module:ident, $nodes:expr, $waits:expr, $rounds:expr) => {{
        let flag = Arc::new(Flag(AtomicBool::new(false)));
        let runs = NODES / $nodes;
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..$rounds {
            times[0].push(time(runs, $nodes, || run(&flag, $module::ember(black_box($waits)))));
            times[1].push(time(runs, $nodes, || run(&flag, $module::join(black_box($waits)))));
            times[2].push(time(runs, $nodes, || run(&flag, $module::unordered(black_box($waits)))));
        }
        times.map(median)
    }};
}

/// Nanoseconds a node.
fn time(runs: usize, nodes: usize, run: impl Fn() -> u64) -> f64 {
    let start = Instant::now();
    for _ in 0..runs {
        assert_eq!(run(), nodes as u64);
    }
    let count = u32::try_from(runs * nodes).expect("few nodes");
    start.elapsed().as_secs_f64() * 1e9 / f64::from(count)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let rounds = if test { 1 } else { ROUNDS };
    println!("ns a node                     |  ember |  join! | FuturesUnordered | ember / best");
    println!("------------------------------|-------:|-------:|-----------------:|------------:");
    for (how, waits) in
        [("ready at once", Waits::Ready), ("wakes itself", Waits::Itself), ("woken alone", Waits::Alone)]
    {
        let row = |nodes: usize, [ember, join, unordered]: [f64; 3]| {
            let ratio = ember / join.min(unordered);
            println!(
                "{nodes:>6} nodes, {how:<15} | {ember:>6.1} | {join:>6.1} | {unordered:>16.1} | {ratio:>12.2}"
            );
        };
        row(10, times!(ten, 10, waits, rounds));
        row(100, times!(hundred, 100, waits, rounds));
        row(items::COUNT, times!(items, items::COUNT, waits, rounds));
    }
}
