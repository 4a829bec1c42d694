//! What a call in an `async` graph is given lives while the call waits, whether it was there before or is made on the way.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::task::{Context, Waker};

use ember::prelude::*;
use ember_tests::{message_of, quiet};
use tokio::task::yield_now;

const NAMES: [&str; 2] = ["one", "two"];

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn say(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}

/// Tells of its drop.
struct Told {
    name: &'static str,
    log: Log,
}

impl Told {
    fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: log.clone() }
    }

    fn name(&self) -> &str {
        self.name
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.log.say(format!("{} is dropped", self.name));
    }
}

#[operator]
async fn length(text: &str) -> usize {
    yield_now().await;
    text.len()
}

#[operator]
async fn sum(numbers: &[usize]) -> usize {
    yield_now().await;
    numbers.iter().sum()
}

#[operator]
async fn kept(value: Told) -> Told {
    yield_now().await;
    value.log.say(format!("{} is kept", value.name));
    value
}

#[operator]
async fn seen(value: &Told, as_what: &str) -> usize {
    yield_now().await;
    value.log.say(format!("{} is seen as {as_what}", value.name));
    as_what.len()
}

struct Words {
    first: String,
    all: Vec<String>,
}

graph! {
    async fn of_every_kind(words: &Words, lock: &Mutex<String>, n: usize) -> usize {
        let place = length(&words.first).await;
        let item = length(&words.all[n]).await;
        let method = length(words.first.as_str()).await;
        let constant = length(NAMES[1]).await;
        let literal = length("four").await;
        let made = length(&format!("{n} words")).await;
        let made_and_lent = length(String::from("seven77").as_str()).await;
        let locked = length(&lock.lock().unwrap()).await;
        let listed = sum(&[n, n + 1, words.all.len()]).await;
        let block = length({ let text = &words.first; text.trim() }).await;
        place + item + method + constant + literal + made + made_and_lent + locked + listed + block
    }

    async fn handed_on(log: &Log) -> usize {
        let a = Told::new("a", log);
        let b = kept(a).await;
        let c = kept(Told::new("c", log)).await;
        let seen_b = seen(&b, b.name()).await;
        let seen_d = seen(&Told::new("d", log), c.name()).await;
        seen_b + seen_d
    }
}

#[tokio::test]
async fn arguments_of_every_kind_live_while_their_call_waits() {
    let words = Words { first: " words ".to_owned(), all: vec!["a".to_owned(), "bc".to_owned()] };
    let lock = Mutex::new("locked".to_owned());
    let straight = 7 + 2 + 7 + 3 + 4 + 7 + 7 + 6 + (1 + 2 + 2) + 5;
    assert_eq!(of_every_kind(&words, &lock, 1).await, straight);
}

#[tokio::test]
async fn what_is_made_for_a_call_is_dropped_when_the_call_has_ended() {
    let log = Log::default();
    assert_eq!(handed_on(&log).await, 2);
    let lines = log.lines();
    let at = |what: &str| lines.iter().position(|line| line == what).expect(what);
    assert!(at("d is seen as c") < at("d is dropped"));
    for name in ["a", "c", "d"] {
        let drops = lines.iter().filter(|line| **line == format!("{name} is dropped")).count();
        assert_eq!(drops, 1, "{name}");
    }
}

fn refuses(n: usize) -> usize {
    assert!(n < 10, "{n} is refused, on purpose");
    n
}

#[operator]
async fn given(n: usize) -> usize {
    yield_now().await;
    n
}

graph! {
    async fn one_panics(n: usize) -> usize {
        let good = given(n + 1).await;
        let bad = given(refuses(n)).await;
        good + bad
    }
}

#[tokio::test]
async fn a_panic_while_arguments_are_made_is_of_the_node_that_they_are_for() {
    assert_eq!(one_panics(3).await, 7);
    quiet();
    let message = message_of(|| {
        let mut run = pin!(one_panics(11));
        while run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
    });
    assert!(message.contains("bad") && message.contains("11 is refused"), "{message}");
}

#[derive(Clone, Copy)]
struct Pair(usize, usize);

#[operator]
async fn both(a: Pair, b: &Pair) -> usize {
    yield_now().await;
    a.0 + b.1
}

#[operator]
async fn count(n: &mut usize) -> usize {
    yield_now().await;
    *n += 1;
    *n
}

graph! {
    async fn given_and_lent(x: Pair) -> usize {
        let a = both(x, &x).await;
        let b = length("three").await;
        a + b
    }

    async fn lent_to_be_written() -> usize {
        let a = count(&mut 0).await;
        let b = length("three").await;
        a + b
    }
}

#[test]
fn what_is_given_may_be_lent_too_and_what_is_made_may_be_written() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    assert_eq!(runtime.block_on(given_and_lent(Pair(1, 2))), 8);
    assert_eq!(runtime.block_on(lent_to_be_written()), 6);
}
