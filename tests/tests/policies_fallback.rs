//! `fallback` on an operator: another value where the call fails, and both failures where the fallback fails too.
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

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use ember::{policy::PolicyError, prelude::*};
use ember_tests::everywhere;

#[derive(Debug, thiserror::Error, PartialEq, Clone)]
#[error("{0} is down")]
struct Down(String);

#[operator(fallback = 1.0)]
fn rate(currency: &str) -> Result<f64, Down> {
    if currency == "EUR" { Ok(1.08) } else { Err(Down(currency.to_owned())) }
}

#[operator(fallback = from_archive)]
fn price(name: String, days: &[u32]) -> Result<u32, Down> {
    if name == "ember" { days.first().copied().ok_or(Down(name)) } else { Err(Down(name)) }
}

#[operator]
fn from_archive(name: String, days: &[u32]) -> Result<u32, Down> {
    if days.is_empty() { Err(Down(format!("the archive of {name}"))) } else { Ok(days.iter().sum()) }
}

#[operator(fallback(with = |failure| {
    if failure.operator().is_some_and(|down| down.0 == "all") { Err(Down("hope".to_owned())) } else { Ok(0) }
}))]
async fn stock(name: String) -> Result<u32, Down> {
    Err(Down(name))
}

#[operator(fallback(operator = remember))]
async fn recall(name: &str) -> Result<usize, Down> {
    Err(Down(name.to_owned()))
}

async fn remember(name: &str) -> Result<usize, Down> {
    Ok(name.len())
}

static GOOD: AtomicU32 = AtomicU32::new(0);

#[operator(fallback(last_good))]
fn latest() -> Result<u32, Down> {
    match GOOD.load(SeqCst) {
        0 => Err(Down("the counter".to_owned())),
        n => Ok(n),
    }
}

#[operator]
fn plain(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down("zero".to_owned())) } else { Ok(n) }
}

graph! {
    fn rates(from: &str) -> Result<f64, ember::Error> {
        let own = rate(from)?;
        let dollar = rate("EUR")?;
        Ok(own * dollar)
    }

    fn strict(from: &str) -> Result<f64, ember::Error> {
        #[without(fallback)]
        let own = rate(from)?;
        Ok(own)
    }

    fn of_the_line(from: &str, n: u32) -> Result<f64, ember::Error> {
        #[fallback = 2.0]
        let own = rate(from)?;
        #[fallback(with = |_| Ok(7))]
        let n = plain(n)?;
        Ok(own * f64::from(n))
    }

    fn prices(name: String, days: &[u32]) -> Result<u32, ember::Error> {
        let price = price(name, days)?;
        Ok(price)
    }

    async fn stocks(name: String) -> Result<u32, ember::Error> {
        let n = stock(name).await?;
        let letters = recall("four").await?;
        Ok(n + letters as u32)
    }

    fn counted() -> Result<u32, ember::Error> {
        let n = latest()?;
        Ok(n)
    }
}

#[operator(fallback = 7)]
fn watched(n: u32) -> Result<u32, Down> {
    if n == 0 { Err(Down("zero".to_owned())) } else { Ok(n) }
}

graph! {
    fn watch(n: u32) -> Result<u32, ember::Error> {
        let value = watched(n)?;
        Ok(value)
    }
}

#[test]
fn r22_each_use_is_counted_and_told_with_its_cause() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let there = told.clone();
    assert!(watched::fallback().on_use(move |used| {
        there.lock().unwrap().push(format!("{}: {} ({})", used.name, used.cause, used.succeeded));
    }));
    assert_eq!((watch(0).unwrap(), watch(3).unwrap()), (7, 3));
    assert_eq!(watched::fallback().uses(), 1);
    assert_eq!(*told.lock().unwrap(), ["watched: zero is down (true)"]);
}

#[test]
fn r22_a_value_stands_in_where_the_call_fails() {
    everywhere(|_| {
        assert_eq!(rates("EUR").unwrap(), 1.08 * 1.08);
        assert_eq!(rates("XXX").unwrap(), 1.08);
    });
}

#[test]
fn r22_a_line_has_a_fallback_of_its_own_or_none() {
    assert_eq!(strict("XXX").unwrap_err().find::<Down>(), Some(&Down("XXX".to_owned())));
    assert_eq!(of_the_line("XXX", 0).unwrap(), 14.0);
    assert_eq!(of_the_line("EUR", 1).unwrap(), 1.08);
}

#[test]
fn r22_an_operator_stands_in_with_the_same_arguments() {
    assert_eq!(prices("ember".to_owned(), &[3, 4]).unwrap(), 3);
    assert_eq!(prices("ash".to_owned(), &[3, 4]).unwrap(), 7);
    let error = prices("ash".to_owned(), &[]).unwrap_err();
    assert_eq!(error.find::<Down>(), Some(&Down("ash".to_owned())));
}

#[tokio::test]
async fn r22_a_function_of_the_failure_gives_the_value() {
    assert_eq!(stocks("one".to_owned()).await.unwrap(), 4);
    assert_eq!(stocks("all".to_owned()).await.unwrap_err().find::<Down>(), Some(&Down("all".to_owned())));
}

#[test]
fn r22_the_last_good_value_stands_in() {
    assert!(counted().is_err());
    GOOD.store(5, SeqCst);
    assert_eq!(counted().unwrap(), 5);
    GOOD.store(0, SeqCst);
    assert_eq!(counted().unwrap(), 5);
}

#[operator]
fn both(outcome: &Result<f64, PolicyError<Down>>) -> String {
    outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string)
}

graph! {
    fn told(from: &str) -> String {
        let own = rate(from);
        both(&own)
    }
}

#[test]
fn r22_without_a_question_mark_the_value_is_the_one_that_stands_in() {
    assert_eq!(told("XXX"), "1");
}

fn is_empty(failed: &PolicyError<Down>) -> bool {
    failed.operator().is_some_and(|down| down.0.is_empty())
}

#[operator(fallback(value = 1, if = is_empty))]
fn valued(name: &str) -> Result<u32, Down> {
    Err(Down(name.to_owned()))
}

#[operator(fallback(with = |_| Ok(2), if = |failed: &PolicyError<Down>| is_empty(failed)))]
async fn given(name: &str) -> Result<u32, Down> {
    Err(Down(name.to_owned()))
}

#[operator(fallback(operator = three, if = is_empty))]
fn called(name: &str) -> Result<u32, Down> {
    Err(Down(name.to_owned()))
}

fn three(_: &str) -> Result<u32, Down> {
    Ok(3)
}

#[operator(fallback(operator = four, if = is_empty))]
async fn called_later(name: &str) -> Result<u32, Down> {
    Err(Down(name.to_owned()))
}

async fn four(_: &str) -> Result<u32, Down> {
    Ok(4)
}

static STATE: AtomicU32 = AtomicU32::new(0);

#[operator(fallback(last_good, if = is_empty))]
fn kept() -> Result<u32, Down> {
    match STATE.load(SeqCst) {
        0 => Ok(5),
        1 => Err(Down(String::new())),
        _ => Err(Down("all".to_owned())),
    }
}

graph! {
    fn chosen(name: &str) -> Result<u32, ember::Error> {
        let a = valued(name)?;
        let b = called(name)?;
        Ok(a + b)
    }

    async fn chosen_later(name: &str) -> Result<u32, ember::Error> {
        let a = given(name).await?;
        let b = called_later(name).await?;
        Ok(a + b)
    }

    fn on_a_line(name: &str) -> Result<u32, ember::Error> {
        #[fallback(value = 6, if = is_empty)]
        let a = valued(name)?;
        Ok(a)
    }

    fn keeps() -> Result<u32, ember::Error> {
        let a = kept()?;
        Ok(a)
    }
}

#[tokio::test]
async fn a_fallback_applies_to_the_failures_that_its_condition_names() {
    assert_eq!(chosen("").unwrap(), 4);
    assert_eq!(chosen("x").unwrap_err().find(), Some(&Down("x".to_owned())));
    assert_eq!(chosen_later("").await.unwrap(), 6);
    assert_eq!(chosen_later("x").await.unwrap_err().find(), Some(&Down("x".to_owned())));
    assert_eq!(on_a_line("").unwrap(), 6);
    assert!(on_a_line("x").is_err());
    for (state, value) in [(0, Some(5)), (1, Some(5)), (2, None)] {
        STATE.store(state, SeqCst);
        assert_eq!(keeps().ok(), value);
    }
}
