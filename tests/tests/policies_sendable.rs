//! A policed call that borrows can be sent to another thread, whatever its layers are.
#![allow(clippy::unused_async, reason = "operators stand for what waits")]

#[derive(Clone, PartialEq, Eq, Hash)]
struct Client(u64);

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

macro_rules! each_in_a_graph_of_its_own {
    ($($name:ident($($policies:tt)*))*) => {
        $(mod $name {
            use super::{Client, Down};
            use ember::prelude::*;

            #[operator(idempotent, $($policies)*)]
            async fn ask(client: &Client, question: &str) -> Result<u64, Down> {
                client.0.checked_add(question.len() as u64).ok_or(Down)
            }

            graph! {
                pub(super) async fn answer(client: Client, question: String) -> Result<u64, ember::Error> {
                    let asked = ask(&client, &question).await?;
                    Ok(asked)
                }
            }
        })*

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn calls_that_borrow_can_be_sent() {
            $({
                let answered = tokio::spawn($name::answer(Client(2), "four".to_owned())).await;
                assert_eq!(answered.unwrap().unwrap(), 6, stringify!($name));
            })*
        }
    };
}

each_in_a_graph_of_its_own! {
    retry_in_cache(retry, cache)
    retry_in_cache_by_key(retry, cache(key = |question| question.to_string()))
    retry_in_deadline_in_cache(retry, deadline = "9s", cache)
    retry_in_cache_in_fallback(retry, cache, fallback = 0)
    retry_in_fallback(retry, fallback = 0)
    retry_in_fallback_of_an_operator(retry, fallback = super::instead)
    retry_in_deadline_in_fallback(retry, deadline = "9s", fallback(with = |_| Ok(0)))
    breaker_in_cache(breaker, cache)
    timeout_in_cache(timeout = "2s", cache)
    limits_in_cache(limit(concurrency = 3, rate = "100/s", key = |question| question.to_string()), cache)
    breaker_in_fallback(breaker(key = |question| question.to_string()), fallback = 0)
    all(
        retry = 3, timeout = "2s", deadline = "9s", breaker, limit(concurrency = 3, rate = "100/s"), cache,
        fallback = 0
    )
}

async fn instead(_: &Client, _: &str) -> Result<u64, Down> {
    Err(Down)
}
