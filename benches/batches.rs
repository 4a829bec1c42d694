//! What an item of a batch or a stream costs, beside rayon's parallel iterators and the streams of `futures`.
//!
//! `cargo bench -p ember-benches --bench batches`; a number behind `--` is a W, and measures that alone. Nanoseconds an item,
//! and ratios, the medians of interleaved rounds, two threads. An item is a run of the graph `diamond`, whose four nodes make W µs of work
//! each; in async graphs it is one node that wakes itself. Each way runs once before it is timed: what ran before it may have
//! left the allocator with more or less memory.

use std::future::Future;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use ember::{graph, operator};
use ember_benches::diamond;
use futures_util::{StreamExt, stream};
use rayon::prelude::*;

/// Steps of a node that take a microsecond.
const MICROSECOND: f64 = 800.0;
const ROUNDS: usize = 25;

/// Wakes itself so often before it is ready.
struct Turns(u32);

impl Future for Turns {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u64> {
        if self.0 == 0 {
            return Poll::Ready(1);
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[operator]
async fn wait(turns: u32) -> u64 {
    Turns(turns).await
}

graph! {
    async fn waits(turns: u32) -> u64 {
        wait(turns).await
    }
}

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global().expect("a pool");
    let only: Option<f64> = std::env::args().find_map(|argument| argument.parse().ok());
    println!("| W, µs | way | ns an item | par_iter / it |\n|---:|---|---:|---:|");
    let items = [
        (0.0, 1_000),
        (0.0, 100_000),
        (0.0, 1_000_000),
        (0.3, 10_000),
        (1.0, 3_000),
        (10.0, 300),
        (100.0, 60),
    ];
    for (w, count) in items {
        if only.is_some_and(|only| (only - w).abs() > 1e-9) {
            continue;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        working(w, (w * MICROSECOND) as u32, black_box(count));
    }
    if only.is_some() {
        return;
    }
    println!("\n| turns | way | ns an item | futures / it |\n|---:|---|---:|---:|");
    for turns in [0, 1, 10] {
        waiting(turns, black_box(100_000));
    }
}

/// A way to run so many items.
type Way<'w> = (&'static str, Box<dyn Fn() -> u64 + 'w>);

fn working(w: f64, steps: u32, count: u64) {
    let inputs = || (0..count).map(move |x| (x, steps));
    let (numbers, pairs): (Vec<u64>, Vec<(u64, u32)>) = ((0..count).collect(), inputs().collect());
    let ways: [Way<'_>; 13] = [
        (
            "par_iter, range",
            Box::new(|| {
                let values: Vec<u64> = (0..count).into_par_iter().map(|x| diamond(x, steps)).collect();
                values.len() as u64
            }),
        ),
        (
            "par_iter, range, panics caught",
            Box::new(|| {
                let run = |x| catch_unwind(AssertUnwindSafe(|| diamond(x, steps)));
                let values: Vec<_> = (0..count).into_par_iter().map(run).collect();
                values.len() as u64
            }),
        ),
        ("batch, range", Box::new(|| diamond::batch(inputs()).run().len() as u64)),
        (
            "par_iter, slice",
            Box::new(|| {
                let values: Vec<u64> = numbers.par_iter().map(|&x| diamond(x, steps)).collect();
                values.len() as u64
            }),
        ),
        ("batch, slice", Box::new(|| diamond::batch(numbers.iter().map(|&x| (x, steps))).run().len() as u64)),
        (
            "par_iter, vector",
            Box::new(|| {
                let values: Vec<u64> = numbers.clone().into_par_iter().map(|x| diamond(x, steps)).collect();
                values.len() as u64
            }),
        ),
        (
            "batch, vector",
            Box::new(|| diamond::batch(numbers.clone().into_iter().map(|x| (x, steps))).run().len() as u64),
        ),
        (
            "par_iter, pairs",
            Box::new(|| {
                let values: Vec<u64> =
                    pairs.clone().into_par_iter().map(|(x, steps)| diamond(x, steps)).collect();
                values.len() as u64
            }),
        ),
        ("batch, pairs", Box::new(|| diamond::batch(pairs.clone()).run().len() as u64)),
        (
            "par_bridge",
            Box::new(|| {
                inputs().par_bridge().map(|(x, steps)| diamond(x, steps)).collect::<Vec<_>>().len() as u64
            }),
        ),
        ("stream", Box::new(|| diamond::stream(inputs()).into_iter().count() as u64)),
        ("stream, unordered", Box::new(|| diamond::stream(inputs()).unordered().into_iter().count() as u64)),
        (
            "stream, for_each",
            Box::new(|| {
                let mut items = 0;
                diamond::stream(inputs()).for_each(|result| items += u64::from(result.is_ok()));
                items
            }),
        ),
    ];
    let beside = [0, 0, 0, 3, 3, 5, 5, 7, 7, 9, 9, 9, 9];
    let first = if steps == 0 { format!("{w}, {count} items") } else { format!("{w}") };
    table(&first, &ways, &beside, count);
}

fn waiting(turns: u32, count: u64) {
    let inputs = move || (0..count).map(move |_| turns);
    let ways: [Way<'_>; 5] = [
        (
            "buffered(64)",
            Box::new(move || block_on(stream::iter(inputs().map(waits)).buffered(64).count()) as u64),
        ),
        ("stream", Box::new(move || block_on(waits::stream(inputs()).results().count()) as u64)),
        (
            "buffer_unordered(64)",
            Box::new(move || block_on(stream::iter(inputs().map(waits)).buffer_unordered(64).count()) as u64),
        ),
        (
            "stream, unordered",
            Box::new(move || block_on(waits::stream(inputs()).unordered().results().count()) as u64),
        ),
        ("batch", Box::new(move || block_on(waits::batch(inputs()).run()).len() as u64)),
    ];
    table(&format!("{turns}"), &ways, &[0, 0, 2, 2, 2], count);
}

/// Takes turns, and prints what an item took, and how that is beside another way.
fn table(first: &str, ways: &[Way<'_>], beside: &[usize], count: u64) {
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..ROUNDS {
        for ((_, way), times) in ways.iter().zip(&mut times) {
            way();
            let begun = Instant::now();
            assert_eq!(way(), count);
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    let median = |figures: &mut Vec<f64>| {
        figures.sort_unstable_by(f64::total_cmp);
        figures[ROUNDS / 2]
    };
    #[expect(clippy::cast_precision_loss, reason = "it is a figure for people")]
    let count = count as f64;
    for (((name, _), own), beside) in ways.iter().zip(&times).zip(beside) {
        // The machine changes from round to round, less within one.
        let mut ratios = times[*beside].iter().zip(own).map(|(other, own)| other / own).collect();
        let figure = median(&mut own.clone()) * 1e9 / count;
        println!("| {first} | {name} | {figure:.1} | {:.2} |", median(&mut ratios));
    }
}

/// Polls for as long as it takes.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}
