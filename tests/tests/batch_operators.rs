//! `batch` on an operator: it takes many items, and graphs call it with one.
#![allow(clippy::unused_async, reason = "the operators are as plain as can be")]

use std::sync::Mutex;
use std::time::Duration;

use ember::policy::WrongCount;
use ember::{TokioClock, prelude::*};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the model is down")]
struct Down;

static SIZES: Mutex<Vec<usize>> = Mutex::new(Vec::new());

#[operator(batch(max = 64, wait = "2ms", in_flight = 100))]
async fn embed(texts: &[String]) -> Result<Vec<usize>, Down> {
    SIZES.lock().unwrap().push(texts.len());
    sleep(Duration::from_millis(5)).await;
    Ok(texts.iter().map(String::len).collect())
}

graph! {
    async fn length(text: String) -> Result<usize, ember::Error> {
        let length = embed(text).await?;
        Ok(length)
    }
}

fn context() -> Context {
    Context::builder().clock(TokioClock).build()
}

#[tokio::test(start_paused = true)]
async fn r10_a_thousand_runs_make_at_most_twenty_calls() {
    let begun = Instant::now();
    let mut runs = JoinSet::new();
    for n in 0..1000 {
        runs.spawn(context().scope(|| length("x".repeat(n))));
    }
    let mut lengths: Vec<usize> = runs.join_all().await.into_iter().map(Result::unwrap).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, (0..1000).collect::<Vec<_>>());
    let sizes = SIZES.lock().unwrap();
    assert!(sizes.len() <= 20, "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), 1000);
    assert!(begun.elapsed() < Duration::from_millis(10), "{:?}", begun.elapsed());
}
