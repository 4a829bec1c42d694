//! Where the failure of a node behind policies goes: the operator's own as without policies, and what a policy says in its
//! place as an `ember::Error`.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::large_futures,
    clippy::elidable_lifetime_names,
    clippy::manual_assert,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::num::ParseIntError;

use ember::{At, policy::PolicyError, prelude::*};
use ember_tests::everywhere;

#[operator(idempotent, retry(attempts = 2, backoff = none, budget = none))]
fn parse(text: &str) -> Result<u16, ParseIntError> {
    if text == "panic" {
        panic!("cannot read {text}");
    }
    text.parse()
}

/// Knows nodes and attempts.
#[derive(Debug)]
enum ByNode {
    Number(String, u32),
    Graph(ember::Error),
}

impl From<At<ParseIntError>> for ByNode {
    fn from(at: At<ParseIntError>) -> Self {
        Self::Number(at.site().node().into_owned(), at.attempt())
    }
}

impl From<ember::Error> for ByNode {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

/// Takes the failure as a function's `?` would.
#[derive(Debug)]
enum ByFrom {
    Number(ParseIntError),
    Graph(ember::Error),
}

impl From<ParseIntError> for ByFrom {
    fn from(error: ParseIntError) -> Self {
        Self::Number(error)
    }
}

impl From<ember::Error> for ByFrom {
    fn from(error: ember::Error) -> Self {
        Self::Graph(error)
    }
}

/// Knows only errors of graphs.
#[derive(Debug)]
struct Whole(ember::Error);

impl From<ember::Error> for Whole {
    fn from(error: ember::Error) -> Self {
        Self(error)
    }
}

#[operator(idempotent, retry(attempts = 2, backoff = none, budget = none))]
fn fail(whole: bool) -> Result<u16, ByFrom> {
    if whole { Ok(1) } else { Err(ByFrom::Number("x".parse::<u8>().unwrap_err())) }
}

/// No error at all.
#[operator(idempotent, retry(attempts = 2, backoff = none, budget = none))]
fn refuse(text: &str) -> Result<u16, String> {
    Err(format!("no {text}"))
}

graph! {
    fn by_node(text: &str) -> Result<u16, ByNode> {
        let port = parse(text)?;
        Ok(port)
    }

    fn by_from(text: &str) -> Result<u16, ByFrom> {
        let port = parse(text)?;
        Ok(port)
    }

    fn same(whole: bool) -> Result<u16, ByFrom> {
        let port = fail(whole)?;
        Ok(port)
    }

    fn whole(text: &str) -> Result<u16, Whole> {
        let port = parse(text)?;
        Ok(port)
    }

    fn boxed(text: &str) -> Result<u16, Box<dyn std::error::Error + Send + Sync>> {
        let port = parse(text)?;
        Ok(port)
    }

    fn text(text: &str) -> Result<u16, ember::Error> {
        let port = refuse(text)?;
        Ok(port)
    }

    fn in_glue(text: &str) -> Result<u16, ember::Error> {
        let port = parse(text);
        let next = port? + 1;
        Ok(next)
    }

    fn items(texts: &[&str]) -> Result<Vec<u16>, ember::Error> {
        let ports = for text in texts { parse(text)? };
        Ok(ports)
    }

    fn nested(text: &str) -> Result<u16, ember::Error> {
        let inner = in_glue(text)?;
        Ok(inner)
    }
}

#[test]
fn r05_an_error_type_that_knows_nodes_gets_the_failure_with_its_attempt() {
    everywhere(|_| {
        assert!(matches!(by_node("x"), Err(ByNode::Number(node, 2)) if node == "port"));
        assert!(
            matches!(by_node("panic"), Err(ByNode::Graph(error)) if error.is_panic() && error.attempt() == 1)
        );
    });
}

#[test]
fn r05_the_failure_arrives_as_behind_the_question_mark_of_a_function() {
    everywhere(|_| {
        assert!(matches!(by_from("x"), Err(ByFrom::Number(error)) if error.to_string().contains("digit")));
        assert!(matches!(by_from("panic"), Err(ByFrom::Graph(error)) if error.is_panic()));
        assert!(matches!(same(false), Err(ByFrom::Number(_))));
        assert_eq!(same(true).ok(), Some(1));
    });
}

#[test]
fn r05_what_an_error_type_cannot_take_arrives_in_an_error_of_the_graph() {
    everywhere(|_| {
        let error = whole("x").unwrap_err().0;
        assert_eq!((error.node(), error.operator(), error.attempt()), ("port", "parse", 2));
        assert!(error.find::<ParseIntError>().is_some());
        let error = boxed("x").unwrap_err();
        assert_eq!(error.downcast_ref::<At<ParseIntError>>().map(At::attempt), Some(2));
        let error = text("luck").unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "node `port` (operator `refuse`) of graph `text` failed, at attempt 2: no luck"
        );
    });
}

#[test]
fn r05_a_question_mark_between_the_nodes_goes_the_same_way() {
    everywhere(|_| {
        let error = in_glue("x").unwrap_err();
        assert_eq!((error.node(), error.attempt()), ("next", 2));
        assert_eq!(items(&["1", "x"]).unwrap_err().node(), "ports[1]");
        assert_eq!(nested("x").unwrap_err().attempt(), 2);
        assert_eq!(nested("1").unwrap(), 2);
    });
}

#[test]
fn r05_a_panic_behind_policies_names_its_node() {
    everywhere(|_| {
        let error = in_glue("panic").unwrap_err();
        assert!(error.is_panic());
        assert_eq!(error.panic_message(), Some("cannot read panic"));
    });
}

type Answer = Result<u8, ParseIntError>;

/// An alias of a result, a lifetime, an `impl Trait`, a const and a type parameter.
#[operator(idempotent, retry(attempts = 2, backoff = none, budget = none), concurrency = 2)]
fn aliased(text: &str) -> Answer {
    text.parse()
}

#[operator(idempotent, retry(attempts = 2, backoff = none), breaker, fallback = "none")]
fn longest<'a>(a: &'a str, b: &'a str, by: impl Fn(&str) -> usize + Clone) -> Result<&'a str, ParseIntError> {
    if a == "1" {
        a.parse::<u8>()?;
    }
    Ok(if by(a) >= by(b) { a } else { b })
}

#[operator(idempotent, retry)]
fn words<'t>(text: &'t str) -> Result<impl Iterator<Item = &'t str> + use<'t>, ParseIntError> {
    Ok(text.split(' '))
}

#[operator(idempotent, timeout = "1s", retry)]
async fn array<T: Clone, const N: usize>(value: T) -> Result<[T; N], ParseIntError> {
    Ok(std::array::from_fn(|_| value.clone()))
}

#[operator(idempotent, retry, concurrency = 1)]
async fn async_longest<'a>(a: &'a str, b: &'a str) -> Result<&'a str, ParseIntError> {
    Ok(if a.len() >= b.len() { a } else { b })
}

#[operator(cache, timeout = "1s", fallback = 0)]
async fn cached_length(text: &str, times: usize) -> Result<usize, ParseIntError> {
    Ok(text.len() * times)
}

#[operator(cache)]
async fn cached_value(text: &str, times: usize) -> String {
    text.repeat(times)
}

#[operator(rate = "100/s", breaker(key = |text| text.to_owned()), fallback(with = |_| Ok("none")), deadline = "9s")]
async fn limited<'a>(text: &'a str, other: &str) -> Result<&'a str, ParseIntError> {
    Ok(&text[..other.len()])
}

graph! {
    async fn borrowing(text: &str) -> Result<String, ember::Error> {
        let length = cached_length(text, 2).await?;
        let value = cached_value(text, 2).await;
        let limited = limited(text, "x").await?;
        #[timeout = "3s"]
        #[retry = 2]
        let longest = async_longest(text, "ab").await?;
        Ok(format!("{length} {value} {limited} {longest}"))
    }

    fn shapes<'a>(a: &'a str, b: &'a str) -> Result<&'a str, ember::Error> {
        let number = aliased("7")?;
        let longest = longest(a, b, str::len)?;
        let mut words = words("a b c")?;
        let second = words.nth(1);
        let found = if number == 7 && second == Some("b") { longest } else { "" };
        Ok(found)
    }

    async fn async_shapes<'a>(a: &'a str, b: &'a str) -> Result<(&'a str, [u8; 3]), ember::Error> {
        let longest = async_longest(a, b).await?;
        let array = array::<u8, 3>(7).await?;
        Ok((longest, array))
    }
}

#[test]
fn r11_policies_go_with_every_signature() {
    everywhere(|_| assert_eq!(shapes("long", "longer").unwrap(), "longer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_policies_go_with_every_async_signature() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    assert_eq!(is_send(async_shapes("a", "bb")).await.unwrap(), ("bb", [7; 3]));
    assert_eq!(is_send(borrowing("abc")).await.unwrap(), "6 abcabc a abc");
    assert_eq!(tokio::spawn(borrowing("abc")).await.unwrap().unwrap(), "6 abcabc a abc");
    let spawned = tokio::spawn(async_shapes("aa", "b"));
    assert_eq!(spawned.await.unwrap().unwrap().0, "aa");
}

#[operator]
fn told(outcome: &Result<u16, PolicyError<ParseIntError>>) -> bool {
    outcome.as_ref().is_err_and(PolicyError::is_panic)
}

graph! {
    fn panics_are_values(text: &str) -> bool {
        let port = parse(text);
        told(&port)
    }
}

#[test]
fn without_a_question_mark_a_panic_is_a_value() {
    everywhere(|_| assert!(panics_are_values("panic")));
}
