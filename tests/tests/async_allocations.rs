//! A warm run of an `async` graph whose nodes wait allocates nothing, where no region has more than 16 tasks that wait. One
//! with more of them has a block of wakers for up to 64, if they wait, however often.

use std::alloc::System;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context as Task, Poll, Waker};

use ember::prelude::*;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The allocator counts for the whole program, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits for so many turns.
#[operator]
async fn step(waits: u32, x: u64) -> u64 {
    let mut left = waits;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    std::hint::black_box(x.wrapping_mul(31).wrapping_add(7))
}

#[operator]
async fn attempt(waits: u32, x: u64) -> Result<u64, String> {
    Ok(step(waits, x).await)
}

/// Stays where it is called.
#[operator(inline)]
fn mix(xs: &[u64]) -> u64 {
    xs.iter().fold(0, |all, x| all ^ x)
}

graph! {
    async fn chain(w: u32, x: u64) -> u64 {
        let a = step(w, x).await;
        let b = step(w, a).await;
        let c = step(w, b).await;
        step(w, c).await
    }

    async fn diamond(w: u32, x: u64) -> u64 {
        let a = step(w, x).await;
        let b = step(w, a).await;
        let c = step(w, a).await;
        step(w, b ^ c).await
    }

    async fn layered(w: u32, x: u64) -> u64 {
        let a = step(w, x).await;
        let b = step(w, x + 1).await;
        let c = step(w, x + 2).await;
        let d = step(w, a ^ b).await;
        let e = step(w, b ^ c).await;
        let f = step(w, a ^ c).await;
        let g = step(w, d ^ e).await;
        let h = step(w, e ^ f).await;
        let i = step(w, d ^ f).await;
        g ^ h ^ i
    }

    async fn fan_of_8(w: u32, x: u64) -> u64 {
        let all = [
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
        ];
        all.iter().fold(0, |sum, x| sum ^ x)
    }

    async fn fan_of_32(w: u32, x: u64) -> u64 {
        let all = [
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
        ];
        all.iter().fold(0, |sum, x| sum ^ x)
    }

    async fn fallible(w: u32, x: u64) -> Result<u64, ember::Error> {
        let a = attempt(w, x).await?;
        let b = attempt(w, x + 1).await?;
        let c = attempt(w, a ^ b).await?;
        Ok(c)
    }

    async fn nested(w: u32, x: u64) -> u64 {
        let a = diamond(w, x).await;
        let b = layered(w, x).await;
        a ^ b
    }

    /// Its calls stay, so it owns what it works on and asks for no thread.
    async fn inline_8(w: u32, x: u64) -> u64 {
        let all = [
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
        ];
        let first = mix(&all[..4]);
        let second = mix(&all[4..]);
        first ^ second
    }

    /// The same with four times as many nodes.
    async fn inline_32(w: u32, x: u64) -> u64 {
        let all = [
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
            step(w, x).await, step(w, x).await, step(w, x).await, step(w, x).await,
        ];
        let first = mix(&all[..16]);
        let second = mix(&all[16..]);
        first ^ second
    }

    async fn items(w: u32, n: u64) -> Vec<u64> {
        for i in 0..n { step(w, i).await }
    }

    async fn items_at_once(w: u32, n: u64) -> Vec<u64> {
        #[concurrency(4)]
        let all = for i in 0..n { step(w, i).await };
        all
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = Task::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}

/// The allocations of a warm run.
fn allocations<F: Future>(run: impl Fn() -> F) -> usize {
    let rounds = (0..40).map(|_| {
        let region = Region::new(ALLOCATOR);
        drop(std::hint::black_box(block_on(run())));
        let change = region.change();
        change.allocations + change.reallocations
    });
    rounds.skip(20).min().unwrap_or(usize::MAX)
}

/// What runs cost in the default context; in one of their own there is one more for each graph that waits, to be woken when the
/// context is cancelled.
fn check(shape: &str, graphs: usize, expected: usize, run: impl Fn() -> usize) {
    assert_eq!(run(), expected, "{shape}");
    for strategy in [Strategy::Auto, Strategy::Sequential, Strategy::Parallel] {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(&run), expected + graphs, "{shape}, {strategy:?}");
    }
}

#[test]
fn a_warm_run_allocates_a_block_of_wakers_for_each_large_region() {
    let _alone = ALONE.lock();
    for waits in [0, 1, 3] {
        let woken = usize::from(waits > 0);
        check("chain", woken, 0, || allocations(|| chain(waits, 1)));
        check("diamond", woken, 0, || allocations(|| diamond(waits, 1)));
        check("layered", woken, 0, || allocations(|| layered(waits, 1)));
        check("fallible", woken, 0, || allocations(|| fallible(waits, 1)));
        check("fan of 8", woken, 0, || allocations(|| fan_of_8(waits, 1)));
        check("nested", 3 * woken, 0, || allocations(|| nested(waits, 1)));

        // More than 16 tasks that wait at the same time have wakers of their own when they have been polled twice; in order, one
        // waits at a time.
        let (fan, in_order) = (|| allocations(|| fan_of_32(waits, 1)), Context::builder());
        let own_wakers = usize::from(waits > 1);
        assert_eq!(fan(), own_wakers);
        let in_order = in_order.strategy(Strategy::Sequential).build();
        assert_eq!(in_order.scope(fan), woken, "to be woken when the context is cancelled");

        // A run that other threads could work for has a frame, a stage and a context of its own. If it waits it has three more,
        // to be woken when the context is cancelled, and from its third poll on a waker of its own.
        for strategy in [Strategy::Auto, Strategy::Sequential, Strategy::Parallel] {
            let cx = Context::builder().strategy(strategy).build();
            cx.scope(|| {
                let in_order = strategy == Strategy::Sequential;
                let own_waker = usize::from(waits > 1 || in_order && waits > 0);
                let held = 4 + 3 * woken + own_waker;
                assert_eq!(allocations(|| inline_8(waits, 1)), held, "{strategy:?}");
                let wakers = if in_order { 0 } else { own_wakers };
                assert_eq!(allocations(|| inline_32(waits, 1)), held + wakers, "{strategy:?}");
            });
        }
    }
}

#[test]
fn items_share_a_few_allocations_however_many_are_under_way() {
    let _alone = ALONE.lock();
    let counts = [(0, 32), (1, 32), (1, 64), (1, 640)].map(|(waits, n)| allocations(|| items(waits, n)));
    assert!(counts[..3].iter().all(|&count| count <= 16), "{counts:?}");
    assert!(counts[3] <= counts[2] + 2 * 640 / 64 + 6, "a block of wakers for each 64: {counts:?}");
    let at_once = allocations(|| items_at_once(1, 32));
    assert!(at_once <= 16, "{at_once}");
}
