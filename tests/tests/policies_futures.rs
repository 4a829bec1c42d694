//! The futures of policed calls: each layer holds the call inside of it once, and a macro may write operators.
#![allow(clippy::unused_async, clippy::large_futures, reason = "the futures are there to be weighed")]

use std::future::ready;

use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

/// Holds a kilobyte while it waits.
async fn work(n: u8) -> Result<u8, Down> {
    let held = [n; 1024];
    ready(()).await;
    Ok(held[usize::from(n)])
}

macro_rules! operators {
    ($($name:ident($($policies:tt)*))*) => { $(
        #[operator($($policies)*)]
        async fn $name(n: u8) -> Result<u8, Down> {
            work(n).await
        }
    )* };
}
operators! {
    plain()
    few(timeout = "2s")
    all(
        idempotent, retry = 3, timeout = "2s", deadline = "9s", breaker, concurrency = 8, rate = "100/s",
        fallback = 0
    )
}

graph! {
    async fn run(n: u8) -> Result<u8, ember::Error> {
        let plain = plain(n).await?;
        let few = few(plain).await?;
        let all = all(few).await?;
        Ok(all)
    }
}

#[tokio::test]
async fn an_operator_that_a_macro_writes_has_policies() {
    assert_eq!(run(7).await.unwrap(), 7);
}

#[test]
fn each_layer_holds_the_call_inside_of_it_once() {
    let plain = size_of_val(&(plain {}).call_async(1));
    let few = size_of_val(&(few {}).call_async(1));
    let all = size_of_val(&(all {}).call_async(1));
    assert!(few < plain + 512, "{few} beside {plain}");
    assert!(all < plain + 2048, "{all} beside {plain}");
}
