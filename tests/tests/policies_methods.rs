//! Methods with policies: wherever they are called they have them.
#![allow(clippy::unused_async, clippy::unnecessary_wraps, reason = "the methods are as plain as can be")]

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::policy::PolicyError;
use ember::{TokioClock, prelude::*};
use tokio::time::{Instant, sleep};

#[derive(Debug, thiserror::Error, Clone, PartialEq)]
#[error("{0}")]
struct Busy(&'static str);

impl From<std::num::ParseIntError> for Busy {
    fn from(_: std::num::ParseIntError) -> Self {
        Self("no number")
    }
}

#[derive(Default)]
struct Client {
    host: String,
    calls: AtomicU32,
}

impl Client {
    fn of(host: &str) -> Arc<Self> {
        Arc::new(Self { host: host.to_owned(), calls: AtomicU32::new(0) })
    }

    fn call(&self) -> u32 {
        self.calls.fetch_add(1, SeqCst) + 1
    }

    /// Parses a number, at the third attempt.
    #[operator(idempotent, retry(attempts = 3, backoff = none))]
    fn number(&self, text: &str, mut more: u32) -> Result<u32, Busy> {
        if self.call() < 3 {
            return Err(Busy("not yet"));
        }
        more += 1;
        let number: u32 = text.parse()?;
        Ok(number + more)
    }

    /// Hangs at the first attempt, fails at the second.
    #[operator(idempotent, retry(attempts = 3, backoff = constant("1s")), timeout = "2s")]
    async fn ask(&self, question: &str) -> Result<String, Busy> {
        match self.call() {
            1 => {
                sleep(Duration::from_hours(1)).await;
                Err(Busy("too late"))
            }
            2 => Err(Busy("busy"))?,
            _ => Ok(format!("{}: {question}", self.host)),
        }
    }

    #[operator(breaker(window = 2, min_calls = 2, key = |this| this.host.clone()))]
    fn guarded(&self) -> Result<u32, Busy> {
        self.call();
        Err(Busy("down"))
    }

    #[operator(cache(capacity = 10, key = |this, item| (this.host.clone(), *item)))]
    fn cached(&self, item: u32) -> u32 {
        item + self.call()
    }

    #[operator(cache(key = |this, item| (this.host.clone(), *item)))]
    async fn cached_later(&self, item: u32) -> Result<u32, Busy> {
        Ok(item + self.call())
    }

    /// Borrows from what it is given and from what it is called on.
    #[operator(concurrency = 2)]
    fn longer<'a>(&'a self, (one, other): (&'a str, &'a str)) -> Result<&'a str, Busy> {
        [one, other, self.host.as_str()].into_iter().max_by_key(|text| text.len()).ok_or(Busy("none"))
    }

    /// Works on what it is called on.
    #[operator(fallback = 7)]
    fn taken(&mut self, fails: bool) -> Result<u32, Busy> {
        self.host.clear();
        if fails { Err(Busy("so it goes")) } else { Ok(self.call()) }
    }

    #[operator(validate(port = |port| *port > 1024))]
    fn bind(port: u16) -> Result<Self, Busy> {
        Ok(Self { host: port.to_string(), ..Self::default() })
    }

    /// Is called on what owns it, and leaves early.
    #[operator(breaker(key = |this| this.host.clone()), timeout = "1h", concurrency = 3)]
    async fn owned(self: Arc<Self>, mut words: Vec<String>) -> Result<String, Busy> {
        if words.is_empty() {
            return Err(Busy("nothing to say"));
        }
        words.push(self.host.clone());
        Ok(words.join(" "))
    }

    #[operator(limit(rate = "1000/s", burst = 10, key = |this| this.host.clone()))]
    fn used_up(mut self) -> Result<String, Busy> {
        self.host.push('!');
        Ok(self.host)
    }

    #[operator(breaker(window = 1, min_calls = 1))]
    fn panics(&self) -> Result<(), Busy> {
        panic!("{}", self.host)
    }
}

/// Generic, as its method is.
struct Store<T>(T);

impl<T: Clone + Display> Store<T> {
    #[operator(idempotent, retry(attempts = 2, backoff = none), breaker(window = 4, min_calls = 4))]
    fn joined<const N: usize>(&self, other: impl Display + Clone, fails: [bool; N]) -> Result<String, Busy> {
        if fails.contains(&true) { Err(Busy("down")) } else { Ok(format!("{}{other}", self.0)) }
    }
}

trait Model {
    fn answer(&self, question: &str) -> Result<usize, PolicyError<Busy>>;

    #[operator(fallback = 0)]
    fn length(&self, text: &str) -> Result<usize, Busy> {
        if text.is_empty() { Err(Busy("nothing")) } else { Ok(text.len()) }
    }
}

impl Model for Client {
    #[operator(idempotent, retry(attempts = 2, backoff = none))]
    fn answer(&self, question: &str) -> Result<usize, Busy> {
        if self.call() < 2 { Err(Busy("not yet")) } else { Ok(question.len()) }
    }
}

graph! {
    fn numbers(client: &Client, text: &str) -> Result<u32, ember::Error> {
        let number = client.number(text, 1)?;
        Ok(number)
    }

    fn behind(client: Arc<Client>, text: &str) -> Result<u32, ember::Error> {
        let number = client.number(text, 1)?;
        Ok(number)
    }

    async fn asks(client: Arc<Client>, question: String) -> Result<String, ember::Error> {
        let answer = client.ask(&question).await?;
        Ok(answer)
    }

    fn answers(model: &dyn Model, question: &str) -> Result<usize, ember::Error> {
        let answer = model.answer(question)?;
        Ok(answer)
    }
}

fn paused<F: Future>(future: F) -> F::Output {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Context::builder().clock(TokioClock).build().scope(|| future))
}

#[test]
fn r32_a_method_is_tried_again_in_a_graph_and_elsewhere() {
    assert_eq!(numbers(&Client::default(), "8").unwrap(), 10);
    assert_eq!(behind(Client::of("x"), "8").unwrap(), 10);
    let client = Client::default();
    assert_eq!(client.number("8", 1).unwrap(), 10);
    assert_eq!(client.calls.load(SeqCst), 3);
}

#[test]
fn r05_what_a_method_fails_with_is_told_with_its_node_and_attempt() {
    let error = numbers(&Client::default(), "eight").unwrap_err();
    assert_eq!(error.find::<Busy>(), Some(&Busy("no number")));
    assert_eq!((error.node(), error.operator(), error.attempt()), ("number", "number", 3));
}

#[test]
fn r31_r32_a_method_that_waits_is_interrupted_and_tried_again() {
    paused(async {
        let start = Instant::now();
        let answer = asks(Client::of("here"), "why".to_owned()).await.unwrap();
        assert_eq!(answer, "here: why");
        assert_eq!(start.elapsed(), Duration::from_secs(2 + 1 + 1));
    });
}

#[test]
fn a_future_of_a_method_goes_to_other_threads() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let client = Client::of("there");
    client.calls.store(2, SeqCst);
    let answer = runtime.block_on(runtime.spawn(asks(client, "why".to_owned()))).unwrap();
    assert_eq!(answer.unwrap(), "there: why");
}

#[test]
fn instances_share_the_state_of_a_method_but_for_what_a_key_tells_apart() {
    let (one, same, other) = (Client::of("one"), Client::of("one"), Client::of("other"));
    assert!(!one.guarded().unwrap_err().is_open());
    assert!(!same.guarded().unwrap_err().is_open());
    assert!(one.guarded().unwrap_err().is_open());
    assert!(!other.guarded().unwrap_err().is_open());
    assert_eq!(one.calls.load(SeqCst), 1);
}

#[test]
fn a_cache_of_a_method_goes_by_its_key() {
    let (one, other) = (Client::of("of values"), Client::of("of others"));
    assert_eq!((one.cached(1), one.cached(1), one.cached(2)), (2, 2, 4));
    assert_eq!(other.cached(1), 2);
    paused(async {
        assert_eq!(one.cached_later(7).await.unwrap(), 10);
        assert_eq!(one.cached_later(7).await.unwrap(), 10);
    });
}

#[test]
fn a_method_gives_what_it_borrows() {
    let client = Client::of("localhost");
    assert_eq!(client.longer(("a", "longer than that")).unwrap(), "longer than that");
    assert_eq!(client.longer(("a", "b")).unwrap(), "localhost");
}

#[test]
fn a_method_changes_what_it_is_called_on() {
    let mut client = Client { host: "x".to_owned(), ..Client::default() };
    assert_eq!(client.taken(true).unwrap(), 7);
    assert_eq!(client.host, "");
    assert_eq!(client.taken(false).unwrap(), 1);
}

#[test]
fn a_method_takes_what_it_is_called_on_by_value() {
    let client = Client::of("you");
    paused(async {
        assert_eq!(client.clone().owned(vec!["how are".to_owned()]).await.unwrap(), "how are you");
        assert_eq!(client.owned(Vec::new()).await.unwrap_err().operator(), Some(&Busy("nothing to say")));
    });
    assert_eq!(Client { host: "x".to_owned(), ..Client::default() }.used_up().unwrap(), "x!");
}

#[test]
fn r12_the_arguments_of_an_associated_function_are_looked_at() {
    assert!(Client::bind(80).err().unwrap().is_invalid());
    assert_eq!(Client::bind(8080).unwrap().host, "8080");
}

#[test]
fn a_panic_of_a_method_is_a_failure_for_its_breaker() {
    let client = Client::of("boom");
    assert!(client.panics().unwrap_err().is_panic());
    assert!(client.panics().unwrap_err().is_open());
}

#[test]
fn the_state_of_a_generic_method_is_one() {
    assert_eq!(Store(1).joined("x", [false]).unwrap(), "1x");
    assert!(Store("text").joined(2, [false, true]).is_err());
    assert!(Store(1).joined("x", [true]).unwrap_err().is_open(), "two of four calls failed");
}

#[test]
fn the_method_of_a_trait_has_policies() {
    assert_eq!(answers(&Client::default(), "why").unwrap(), 3);
    assert_eq!(Client::default().length("").unwrap(), 0);
}
