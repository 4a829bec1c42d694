//! A price from several exchanges: each has a mirror, most of them have to answer in time, and the median counts.

use std::sync::Arc;
use std::time::Duration;

use ember::TokioClock;
use ember::prelude::*;
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cents(u64);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Trouble {
    Closed { venue: &'static str },
    NoQuorum { prices: usize, needed: usize },
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Closed { venue } => write!(f, "{venue} is closed"),
            Trouble::NoQuorum { prices, needed } => write!(f, "{prices} prices, and {needed} are needed"),
        }
    }
}

impl std::error::Error for Trouble {}

/// When it answers, and with what.
#[derive(Clone, Copy)]
struct Venue {
    name: &'static str,
    millis: u64,
    price: Option<u64>,
}

const fn venue(name: &'static str, millis: u64, price: u64) -> Venue {
    Venue { name, millis, price: Some(price) }
}

const fn closed(name: &'static str, millis: u64) -> Venue {
    Venue { name, millis, price: None }
}

#[operator]
async fn quote(venue: Venue, symbol: &str) -> Result<Cents, Trouble> {
    sleep(Duration::from_millis(venue.millis)).await;
    let price = venue.price.ok_or(Trouble::Closed { venue: venue.name })?;
    Ok(Cents(price * symbol.len() as u64))
}

#[operator]
fn quorum(prices: Vec<Result<Cents, ember::Error>>, needed: usize) -> Result<Vec<Cents>, Trouble> {
    let mut good: Vec<_> = prices.into_iter().filter_map(Result::ok).collect();
    if good.len() < needed {
        return Err(Trouble::NoQuorum { prices: good.len(), needed });
    }
    good.sort_unstable();
    Ok(good)
}

#[operator]
fn median(sorted: &[Cents]) -> Cents {
    sorted[sorted.len() / 2]
}

#[operator(inline)]
fn spread(sorted: &[Cents]) -> u64 {
    sorted.last().map_or(0, |last| last.0) - sorted.first().map_or(0, |first| first.0)
}

graph! {
    /// The quicker of an exchange and its mirror.
    async fn either(exchange: Venue, mirror: Venue, symbol: &str) -> Result<Cents, ember::Error> {
        let price = race!(quote(exchange, symbol), quote(mirror, symbol)).await?;
        Ok(price)
    }

    /// Exchanges may fail, and three of four have to answer.
    async fn price(venues: [(Venue, Venue); 4], symbol: Arc<str>) -> Result<(Cents, u64), ember::Error> {
        let prices = for (exchange, mirror) in venues { either(exchange, mirror, &symbol).await };
        let good = quorum(prices, 3)?;
        let median = median(&good);
        let spread = spread(&good);
        Ok((median, spread))
    }
}

fn symbol() -> Arc<str> {
    "EMBR".into()
}

const OSLO: (Venue, Venue) = (venue("Oslo", 40, 100), venue("Oslo 2", 90, 100));
const ROME: (Venue, Venue) = (venue("Rome", 70, 104), venue("Rome 2", 20, 103));
const LIMA: (Venue, Venue) = (closed("Lima", 5), venue("Lima 2", 50, 120));
const PERTH: (Venue, Venue) = (closed("Perth", 5), closed("Perth 2", 60));

#[tokio::test(start_paused = true)]
async fn three_of_four_are_enough() {
    let start = Instant::now();
    let venues = [OSLO, PERTH, ROME, LIMA];
    assert_eq!(price(venues, symbol()).await.unwrap(), (Cents(412), 80));
    assert_eq!(start.elapsed(), Duration::from_millis(60));
}

#[tokio::test(start_paused = true)]
async fn two_of_four_are_not() {
    let error = price([OSLO, PERTH, PERTH, ROME], symbol()).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("good", "quorum"));
    assert_eq!(error.find(), Some(&Trouble::NoQuorum { prices: 2, needed: 3 }));
}

#[tokio::test(start_paused = true)]
async fn all_failures_of_a_race_are_told() {
    let error = either(PERTH.0, PERTH.1, "EMBR").await.unwrap_err();
    let told: Vec<_> =
        error.failures().map(|failure| (failure.node().to_owned(), failure.to_string())).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].0, "price[0]");
    assert_eq!(told[1].0, "price[1]");
    assert_eq!(error.find(), Some(&Trouble::Closed { venue: "Perth" }));
}

/// An exchange that answers too late is a price less where each has a deadline of its own.
#[operator]
async fn in_time(exchange: Venue, mirror: Venue, symbol: &str, millis: u64) -> Result<Cents, ember::Error> {
    let around = Context::current();
    let cx =
        Context::builder().parent(&around).clock(TokioClock).timeout(Duration::from_millis(millis)).build();
    cx.scope(|| either(exchange, mirror, symbol)).await
}

graph! {
    async fn hurried(venues: [(Venue, Venue); 4], symbol: Arc<str>, millis: u64) -> Result<Cents, ember::Error> {
        let prices = for (exchange, mirror) in venues { in_time(exchange, mirror, &symbol, millis).await };
        let good = quorum(prices, 3)?;
        let median = median(&good);
        Ok(median)
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_for_each_exchange_costs_that_exchange_only() {
    let late = (venue("Cairo", 5000, 1), venue("Cairo 2", 9000, 1));
    let start = Instant::now();
    assert_eq!(hurried([OSLO, late, ROME, LIMA], symbol(), 100).await.unwrap(), Cents(412));
    assert!(start.elapsed() < Duration::from_millis(110), "{:?}", start.elapsed());
    let error = hurried([OSLO, late, ROME, LIMA], symbol(), 30).await.unwrap_err();
    assert_eq!(error.find(), Some(&Trouble::NoQuorum { prices: 1, needed: 3 }));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_for_all_is_told_from_a_cancellation() {
    let late = (venue("Cairo", 5000, 1), venue("Cairo 2", 9000, 1));
    let cx = Context::builder().clock(TokioClock).timeout(Duration::from_millis(100)).build();
    let error = cx.scope(|| price([OSLO, late, ROME, LIMA], symbol())).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_cancelled(), "{error}");

    let cx = Context::builder().build();
    let (outcome, ()) = tokio::join!(cx.scope(|| price([OSLO, late, ROME, LIMA], symbol())), async {
        sleep(Duration::from_millis(100)).await;
        cx.cancel();
    });
    let error = outcome.unwrap_err();
    assert!(error.is_cancelled() && !error.is_timeout(), "{error}");
}
