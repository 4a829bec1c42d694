//! What is said of a run that is stopped: which node waited, or which had not started, items with their numbers.

use std::future::{pending, ready};
use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use ember::prelude::*;

#[operator]
async fn wait_for(n: u32) -> u32 {
    if n == 0 { ready(n).await } else { pending().await }
}

#[operator]
async fn cancel(cx: &Context, n: u32) -> u32 {
    cx.cancel();
    ready(n).await
}

graph! {
    async fn one(n: u32) -> Result<u32, ember::Error> {
        let first = wait_for(n).await;
        let second = wait_for(first).await;
        Ok(second)
    }

    async fn items(numbers: [u32; 3]) -> Result<Vec<u32>, ember::Error> {
        let all = for n in numbers { wait_for(n).await };
        Ok(all)
    }

    async fn nested(numbers: [u32; 3]) -> Result<Vec<Vec<u32>>, ember::Error> {
        let all = for n in numbers {
            let inner = for m in [n, 0] { wait_for(m).await };
            inner
        };
        Ok(all)
    }

    async fn one_by_one(numbers: [u32; 3]) -> Result<Vec<u32>, ember::Error> {
        #[concurrency(1)]
        let all = for n in numbers { cancel(n).await };
        Ok(all)
    }
}

/// Runs until nothing goes on, cancels, and gives what is said then.
fn said<T>(future: impl Future<Output = Result<T, ember::Error>>, cx: &Context) -> String {
    let mut future = pin!(future);
    let mut task = Task::from_waker(Waker::noop());
    let mut poll = || match future.as_mut().poll(&mut task) {
        Poll::Pending => None,
        Poll::Ready(outcome) => outcome.err(),
    };
    let error = poll().or_else(|| {
        cx.cancel();
        poll()
    });
    let error = error.expect("a run that was cancelled fails");
    assert!(error.is_cancelled());
    format!("{error:#}")
}

fn in_each_order(strategies: &[Strategy], check: impl Fn(&Context)) {
    for &strategy in strategies {
        check(&Context::builder().strategy(strategy).build());
    }
}

const ALL: [Strategy; 2] = [Strategy::Sequential, Strategy::Auto];

#[test]
fn a_node_that_waits_was_cancelled() {
    in_each_order(&ALL, |cx| {
        let said = said(cx.scope(|| one(1)), cx);
        assert_eq!(said, "graph `one` was cancelled while node `first` waited");
    });
}

#[test]
fn an_item_that_waits_was_cancelled_and_has_its_number() {
    in_each_order(&ALL, |cx| {
        let said = said(cx.scope(|| items([0, 1, 1])), cx);
        assert_eq!(said, "graph `items` was cancelled while node `all[1]` waited");
    });
    in_each_order(&ALL, |cx| {
        let said = said(cx.scope(|| nested([0, 0, 1])), cx);
        assert_eq!(said, "graph `nested` was cancelled while node `all[2].inner[0]` waited");
    });
}

#[test]
fn an_item_that_waits_for_its_turn_has_not_started() {
    in_each_order(&ALL, |cx| {
        let said = said(cx.scope(|| one_by_one([0, 1, 2])), cx);
        assert_eq!(said, "graph `one_by_one` was cancelled before node `all[1]` started");
    });
}
