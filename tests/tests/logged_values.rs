//! `#[operator(log(..))]`: what may stand in logs of the arguments and of what an operator gives, and nothing else.
#![allow(clippy::unnecessary_wraps, clippy::unused_async, reason = "the operators are as plain as can be")]

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, Once};

use ember::observe::{Event, Logged, Logs, Observer, Recorder, What};
use ember::prelude::*;
use ember_tests::traces::{Keep, Traces};
use ember_tests::{STRATEGIES, pool, quiet};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::layer::SubscriberExt;

fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Keep)).unwrap();
    });
}

#[derive(Debug, Clone, thiserror::Error)]
#[error("down")]
struct Down;

#[operator(log(args = [name, pages]))]
fn fetch(name: &str, token: &SecretString, pages: Option<u32>) -> usize {
    name.len() + token.expose_secret().len() + pages.unwrap_or(0) as usize
}

#[operator(log(args = [name, r#type], returned), idempotent, retry(attempts = 2, backoff = constant("1ms"), jitter = none))]
async fn ask<T: fmt::Debug + Sync>(name: String, r#type: &T, cx: &Context) -> Result<String, Down> {
    tokio::task::yield_now().await;
    if cx.check().is_err() || name.is_empty() { Err(Down) } else { Ok(format!("{type:?}")) }
}

#[operator(log(args = [token], returned))]
fn sign(token: SecretString) -> SecretString {
    token
}

/// Counts how often it is made text.
struct Counted<'a>(&'a AtomicUsize);

impl fmt::Debug for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fetch_add(1, SeqCst);
        f.write_str("counted")
    }
}

#[operator(log(args = [counted], returned))]
fn counts(counted: Counted<'_>) -> Counted<'_> {
    counted
}

/// Breaks lines, hides text, or never ends.
#[derive(Clone, Copy)]
enum Odd {
    Lines,
    Endless,
    Panics,
    Fails,
}

impl fmt::Debug for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines => f.write_str("one\nINFO two\u{202e}"),
            Self::Endless => loop {
                f.write_str("äö")?;
            },
            Self::Panics => panic!("its own mistake"),
            Self::Fails => Err(fmt::Error),
        }
    }
}

#[operator(log(args = [odd]))]
fn takes(odd: Odd) -> bool {
    matches!(odd, Odd::Lines)
}

graph! {
    fn fetched(names: &[&str], token: &SecretString) -> Vec<usize> {
        let sizes = for name in names { fetch(name, token, Some(7)) };
        sizes
    }

    async fn asked(name: &str) -> Result<String, ember::Error> {
        let answer = ask(name.to_owned(), &vec![1, 2]).await?;
        Ok(answer)
    }

    fn signed(token: SecretString) -> SecretString {
        let signature = sign(token);
        signature
    }

    fn counted(counter: &AtomicUsize) -> usize {
        let value = counts(Counted(counter));
        let Counted(count) = value;
        count.load(SeqCst)
    }

    fn taken(odd: Odd) -> bool {
        let is_taken = takes(odd);
        is_taken
    }
}

fn logged(id: &str) -> ember::ContextBuilder {
    subscribe();
    Context::builder().correlation_id(id).observer(Logs::default())
}

#[test]
fn r26_named_arguments_stand_in_the_span_of_their_node_and_others_nowhere() {
    let token = SecretString::from("tell nobody");
    for strategy in STRATEGIES {
        let id = format!("named {strategy:?}");
        let cx = logged(&id).strategy(strategy).build();
        pool(2).install(|| cx.scope(|| fetched(&["a", "bc"], &token)));
        let traces = Traces::now();
        let nodes = traces.nodes(&id);
        let mut told: Vec<(&str, &str)> =
            nodes.iter().map(|node| (node.get("node"), node.get("arguments"))).collect();
        told.sort_unstable();
        let expected =
            [("sizes[0]", "name = \"a\", pages = Some(7)"), ("sizes[1]", "name = \"bc\", pages = Some(7)")];
        assert_eq!(told, expected);
        assert!(nodes.iter().all(|node| node.get("returned").is_empty()));
    }
    assert!(!format!("{:?}", Traces::now()).contains("tell nobody"));
}

#[tokio::test]
async fn r26_arguments_of_async_operators_behind_policies_are_told_once_with_what_came_of_them() {
    let cx = logged("behind").build();
    assert_eq!(cx.scope(|| asked("x")).await.unwrap(), "[1, 2]");
    assert!(cx.scope(|| asked("")).await.is_err());
    let traces = Traces::now();
    let told: Vec<(&str, &str)> =
        traces.nodes("behind").iter().map(|node| (node.get("arguments"), node.get("returned"))).collect();
    assert_eq!(told[0], ("name = \"x\", type = [1, 2]", "Ok(\"[1, 2]\")"));
    assert_eq!(told[1].0, "name = \"\", type = [1, 2]");
    assert!(told[1].1.starts_with("Err(") && told[1].1.contains("Down"), "{}", told[1].1);
}

#[test]
fn r26_a_secret_that_is_logged_shows_nothing() {
    let signature = logged("secret").build().scope(|| signed(SecretString::from("tell nobody")));
    assert_eq!(signature.expose_secret(), "tell nobody");
    let traces = Traces::now();
    let node = traces.nodes("secret")[0];
    let redacted = format!("{signature:?}");
    assert_eq!(node.get("arguments"), format!("token = {redacted}"));
    assert_eq!(node.get("returned"), redacted);
}

#[test]
fn r26_values_that_nobody_wants_are_not_made_text() {
    subscribe();
    let counter = AtomicUsize::new(0);
    assert_eq!(counted(&counter), 0);
    let unwanted = Logs::builder().longest_value(0).build().unwrap();
    let cx = Context::builder().observer(Recorder::new(100)).observer(unwanted).build();
    assert_eq!(cx.scope(|| counted(&counter)), 0);
    assert_eq!(logged("wanted").build().scope(|| counted(&counter)), 2);
    let mine = Context::builder().observer(Recorder::new(100)).build();
    assert_eq!(mine.scope(|| counted(&counter)), 2);
}

#[test]
fn r26_a_value_is_cut_between_letters_and_breaks_no_line() {
    quiet();
    let told = |odd: Odd| {
        let id = format!("odd {}", odd as u8);
        logged(&id).build().scope(|| taken(odd));
        Traces::now().nodes(&id)[0].get("arguments").to_owned()
    };
    assert_eq!(told(Odd::Lines), "odd = one\u{fffd}INFO two\u{fffd}");
    assert_eq!(told(Odd::Endless), format!("odd = {}…", "äö".repeat(64)));
    assert_eq!(told(Odd::Panics), "odd = (its text panics)");
    assert_eq!(told(Odd::Fails), "odd = (its text fails)");
    let cx =
        Context::builder().correlation_id("cut").observer(Logs::builder().longest_value(5).build().unwrap());
    cx.build().scope(|| taken(Odd::Endless));
    assert_eq!(Traces::now().nodes("cut")[0].get("arguments"), "odd = äö…");
}

/// An observer of one's own gets the values if it wants them.
struct Mine(Mutex<Vec<String>>);

impl Observer for Mine {
    fn event(&self, event: &Event<'_>) {
        let text = match event.what() {
            What::CalledWith { arguments } => {
                let each =
                    arguments.iter().map(|value| format!("{}={}", value.name(), value.text(Logged::TEXT)));
                each.collect::<Vec<_>>().join(" ")
            }
            What::Gave { value } => value.text(4),
            _ => return,
        };
        self.0.lock().unwrap().extend([text, event.to_string()]);
    }

    fn wants_values(&self) -> bool {
        true
    }
}

#[test]
fn r26_an_observer_that_wants_values_is_told_them() {
    let (mine, recorder) = (std::sync::Arc::new(Mine(Mutex::default())), Recorder::new(100));
    let cx = Context::builder().observer(recorder.clone()).observer(mine.clone()).build();
    cx.scope(|| fetched(&["a"], &SecretString::from("")));
    cx.scope(|| signed(SecretString::from("")));
    let told = mine.0.lock().unwrap().clone();
    assert_eq!(told[0], "name=\"a\" pages=Some(7)");
    assert!(told[1].ends_with("is called with name = \"a\", pages = Some(7)"), "{}", told[1]);
    assert_eq!(told[4], "Secr…");
    assert!(recorder.events().iter().all(|event| !event.text.contains("Some(7)")));
}
