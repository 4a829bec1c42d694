//! Lines of graphs that call methods and say policies of their own, and the functions that lend those of methods.
#![allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "the methods are as plain as can be")]

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::policy::BreakerState;
use ember::{TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

const TWO: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("{0}")]
struct Busy(&'static str);

#[derive(Default)]
struct Client {
    calls: AtomicU32,
}

impl Client {
    fn call(&self) -> u32 {
        self.calls.fetch_add(1, SeqCst) + 1
    }

    /// Hangs.
    #[operator(timeout = "1h", concurrency = 2)]
    async fn ask(&self, question: &str) -> Result<usize, Busy> {
        self.call();
        sleep(Duration::from_hours(2)).await;
        Ok(question.len())
    }

    /// Hangs, and nothing is said of that.
    #[operator]
    async fn hang(&self, (question, more): (&str, usize)) -> Result<usize, Busy> {
        sleep(Duration::from_hours(2)).await;
        Ok(question.len() + more)
    }

    #[operator(idempotent, retry(attempts = 4, backoff = none))]
    fn number(&self, text: &str, owned: String) -> Result<u32, Busy> {
        self.call();
        text.parse()
            .map_err(|_| Busy("no number"))
            .map(|number: u32| number + u32::try_from(owned.len()).unwrap_or(u32::MAX))
    }

    #[operator(cache(key = |this, item| (this.calls.load(SeqCst) > 99, *item)))]
    fn kept(&self, item: u32) -> Result<u32, Busy> {
        Ok(item + self.call())
    }

    #[operator(breaker(window = 1, min_calls = 1), fallback(with = |_| Ok(7)))]
    fn guarded(&mut self, fails: bool) -> Result<u32, Busy> {
        self.call();
        if fails { Err(Busy("down")) } else { Ok(1) }
    }

    #[operator]
    fn plain(self: Arc<Self>, text: &str) -> Result<&str, Busy> {
        self.call();
        if text.is_empty() { Err(Busy("nothing")) } else { Ok(text) }
    }

    #[operator(breaker, limit(rate = "100/s", concurrency = 3), idempotent, retry = 2)]
    fn lends(&self) -> Result<(), Busy> {
        Ok(())
    }
}

struct Store<T>(T);

impl<T: Clone + Display> Store<T> {
    #[operator(breaker(window = 4, min_calls = 4), fallback(with = |_| Ok("else".to_owned())))]
    fn joined<const N: usize>(&self, other: impl Display + Clone, fails: [bool; N]) -> Result<String, Busy> {
        if fails.contains(&true) { Err(Busy("down")) } else { Ok(format!("{}{other}", self.0)) }
    }

    #[operator]
    fn taken_as<P: std::str::FromStr>(&self) -> Result<P, P::Err> {
        self.0.to_string().parse()
    }
}

/// The trait has no room for more than its methods.
trait Named {
    fn name(&self) -> Result<usize, ember::policy::PolicyError<Busy>>;
}

impl Named for Client {
    #[operator(concurrency = 2)]
    fn name(&self) -> Result<usize, Busy> {
        Ok(6)
    }
}

struct Shop {
    client: Client,
}

graph! {
    async fn asks(client: &Client, question: &str) -> Result<usize, ember::Error> {
        #[timeout = "2s"]
        let answer = client.ask(question).await?;
        Ok(answer)
    }

    async fn hangs(client: Arc<Client>, question: &str) -> Result<usize, ember::Error> {
        #[deadline = TWO]
        let answer = client.hang((question, 1)).await?;
        Ok(answer)
    }

    async fn hangs_otherwise(client: Arc<Client>, question: &str) -> Result<usize, ember::Error> {
        #[timeout = "2s"]
        #[fallback = 3]
        let answer = client.hang((question, 1)).await?;
        Ok(answer)
    }

    fn numbers(shop: &Shop, text: &str) -> Result<u32, ember::Error> {
        #[retry(attempts = 2, backoff = none)]
        let number = shop.client.number(text, "ab".to_owned())?;
        #[without(retry)]
        let other = shop.client.number(text, "ab".to_owned())?;
        Ok(number + other)
    }

    fn each(client: &Client, texts: &[&str]) -> Result<Vec<u32>, ember::Error> {
        let numbers = for text in texts {
            #[fallback = 0]
            let number = client.number(text, String::new())?;
            number
        };
        Ok(numbers)
    }

    fn keeps(client: &Client) -> Result<(u32, u32, u32), ember::Error> {
        let one = client.kept(10)?;
        #[after(one)]
        let same = client.kept(10)?;
        #[after(same)]
        #[without(cache)]
        let other = client.kept(10)?;
        Ok((one, same, other))
    }

    fn guards(client: Client) -> Result<(u32, u32), ember::Error> {
        let mut client = { client };
        let one = client.guarded(true)?;
        #[fallback = 9]
        #[without(breaker)]
        let other = client.guarded(false)?;
        Ok((one, other))
    }

    fn plains(client: Arc<Client>, text: &str) -> Result<String, ember::Error> {
        #[fallback = "none"]
        let text = client.plain(text)?;
        Ok(text.to_owned())
    }

    fn reads(store: &Store<u8>) -> Result<u32, ember::Error> {
        #[fallback = 8]
        let number = store.taken_as::<u32>()?;
        Ok(number)
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

#[test]
fn r31_a_line_that_calls_a_method_has_a_timeout_of_its_own() {
    paused(async {
        let (start, client) = (Instant::now(), Client::default());
        let error = asks(&client, "why").await.unwrap_err();
        assert!(error.is_timeout());
        assert_eq!((error.node(), error.operator()), ("answer", "ask"));
        assert_eq!((start.elapsed(), client.calls.load(SeqCst)), (TWO, 1));
    });
}

#[test]
fn r31_a_method_without_policies_gets_those_of_its_line() {
    paused(async {
        let start = Instant::now();
        assert!(hangs(Arc::default(), "why").await.unwrap_err().is_timeout());
        assert_eq!(start.elapsed(), TWO);
        assert_eq!(hangs_otherwise(Arc::default(), "why").await.unwrap(), 3);
        assert_eq!(start.elapsed(), 2 * TWO);
    });
    assert_eq!(plains(Arc::default(), "x").unwrap(), "x");
    assert_eq!(plains(Arc::default(), "").unwrap(), "none");
    assert_eq!(reads(&Store(5)).unwrap(), 5);
}

#[test]
fn r32_a_line_that_calls_a_method_has_attempts_of_its_own_or_none() {
    let shop = Shop { client: Client::default() };
    assert_eq!(numbers(&shop, "8").unwrap(), 20);
    assert_eq!(shop.client.calls.swap(0, SeqCst), 2);
    let error =
        Context::builder().strategy(Strategy::Sequential).build().scope(|| numbers(&shop, "x")).unwrap_err();
    assert_eq!((error.node(), error.attempt(), error.find()), ("number", 2, Some(&Busy("no number"))));
    assert_eq!(shop.client.calls.load(SeqCst), 2);
}

#[test]
fn r22_a_line_that_calls_a_method_has_a_fallback_of_its_own() {
    let client = Client::default();
    assert_eq!(each(&client, &["8", "x", "9"]).unwrap(), [8, 0, 9]);
    assert_eq!(client.calls.load(SeqCst), 1 + 4 + 1, "the method's own attempts are made");
    assert_eq!(guards(Client::default()).unwrap(), (7, 1));
}

#[test]
fn a_line_that_calls_a_method_goes_without_a_policy() {
    assert_eq!(keeps(&Client::default()).unwrap(), (11, 11, 12));
}

#[test]
fn a_description_shows_what_a_line_says_of_a_method() {
    let description = numbers::describe();
    let said = |node: usize| {
        let policies = description.nodes[node].policies();
        policies.map(|policy| (policy.name, policy.value)).collect::<Vec<_>>()
    };
    assert_eq!((said(0), said(1)), (vec![("retry", "attempts = 2, backoff = none")], vec![]));
}

#[test]
fn the_policies_of_a_method_can_be_asked_for_and_forced() {
    Client::default().lends().unwrap();
    assert_eq!(Client::lends_breaker().counts().calls, 1);
    assert_eq!(Client::lends_concurrency().permits(), 3);
    Client::lends_breaker().force_open();
    assert!(Client::default().lends().unwrap_err().is_open());
    Client::lends_breaker().force_closed();
    Client::default().lends().unwrap();
    let _ = (Client::lends_rate(), Client::lends_retry());
}

#[test]
fn the_policies_of_a_generic_method_are_one_whichever_type_is_asked() {
    assert_eq!(Store(1).joined("x", [true]).unwrap(), "else");
    assert_eq!(Store("text").joined(2, [true, true]).unwrap(), "else");
    assert_eq!(Store::<u8>::joined_breaker().counts().failures, 2);
    assert_eq!(Store::<String>::joined_breaker().state(), BreakerState::Closed);
    assert_eq!(Store::<u8>::joined_fallback().uses(), 2);
    assert_eq!(Client::default().name().unwrap(), 6);
}
