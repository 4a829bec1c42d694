//! What it costs to gather calls: a thousand numbers through an operator that takes up to 64 of them, beside the plain calls
//! with slices of 64.
//!
//! `cargo bench -p ember-benches --bench gathered`. Nanoseconds an item, the medians of interleaved rounds.
#![allow(clippy::unused_async, reason = "what is measured is what stands around the operator")]

use std::hint::black_box;
use std::time::Instant;

use ember::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

const ITEMS: u32 = 1024;
const ROUNDS: usize = 101;

fn halved(numbers: &[u64]) -> Vec<u64> {
    numbers.iter().map(|n| n / 2).collect()
}

#[operator(batch(max = 64, wait = "2ms", in_flight = 64))]
fn halve(numbers: &[u64]) -> Vec<u64> {
    halved(numbers)
}

#[operator(batch(max = 64, wait = "2ms", in_flight = 64))]
async fn halve_later(numbers: &[u64]) -> Vec<u64> {
    halved(numbers)
}

#[operator]
fn halve_one(n: u64) -> Vec<u64> {
    halved(&[n])
}

graph! {
    fn in_lots(numbers: &[u64]) -> Result<Vec<u64>, ember::Error> {
        let halves = for n in numbers { halve(*n)? };
        Ok(halves)
    }

    fn one_by_one(numbers: &[u64]) -> Vec<Vec<u64>> {
        for n in numbers { halve_one(*n) }
    }

    async fn in_one_run(numbers: Vec<u64>) -> Result<Vec<u64>, ember::Error> {
        let halves = for n in numbers { halve_later(n).await? };
        Ok(halves)
    }

    async fn by_itself(n: u64) -> Result<u64, ember::Error> {
        let half = halve_later(n).await?;
        Ok(half)
    }
}

fn in_many_runs(runtime: &Runtime) -> u64 {
    runtime.block_on(async {
        let mut runs = JoinSet::new();
        for n in 0..u64::from(ITEMS) {
            runs.spawn(by_itself(n));
        }
        runs.join_all().await.into_iter().map(|half| half.expect("nothing fails")).sum()
    })
}

fn main() {
    let test = std::env::args().any(|argument| argument == "--test");
    let rounds = if test { 1 } else { ROUNDS };
    let numbers: Vec<u64> = (0..u64::from(ITEMS)).collect();
    let one = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let several = Builder::new_multi_thread().enable_time().build().expect("a runtime");
    let ways: [(&str, &dyn Fn() -> u64); 6] = [
        ("plain calls with slices", &|| numbers.chunks(64).map(|lot| halved(black_box(lot))[0]).sum()),
        ("one plain call an item", &|| one_by_one(black_box(&numbers)).len() as u64),
        ("`for`, in lots", &|| in_lots(black_box(&numbers)).expect("nothing fails").len() as u64),
        ("`for`, async", &|| one.block_on(in_one_run(numbers.clone())).expect("nothing fails").len() as u64),
        ("a run an item, 1 thread", &|| in_many_runs(&one)),
        ("a run an item, threads", &|| in_many_runs(&several)),
    ];
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for (times, (_, run)) in times.iter_mut().zip(&ways) {
            let start = Instant::now();
            black_box(run());
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(ITEMS));
        }
    }
    println!("{:<24} | ns an item | items a second", "");
    println!("{:-<24}-|-----------:|---------------:", "");
    for ((name, _), mut times) in ways.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!("{name:<24} | {median:>10.1} | {:>14.0}", 1e9 / median);
    }
    println!("{:?}", halve_later::batch());
}
