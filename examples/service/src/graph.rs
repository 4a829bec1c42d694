//! The graph, and its operators.

use ember::{graph, operator};
use serde::{Deserialize, Serialize};

use crate::client::{Client, ShopError};
use crate::shop::{Carriage, Customer, Price};

/// What a customer wants to buy.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Basket {
    /// Who buys.
    pub customer: u64,
    /// Where it goes to.
    pub country: String,
    /// What, and how many.
    pub lines: Vec<Line>,
}

/// One article of a basket.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Line {
    /// Which one.
    pub article: String,
    /// How many.
    pub pieces: u64,
}

/// What a basket costs, in cents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Quote {
    /// Before the discount.
    pub goods: u64,
    /// What is taken off.
    pub discount: u64,
    /// What it costs to send it.
    pub carriage: u64,
    /// All of it.
    pub total: u64,
    /// Whether somebody should look at it before it is sent.
    pub review: bool,
}

graph! {
    /// What a basket costs: the customer, each price and the carriage are asked for at the same time.
    pub async fn quote(shop: Client, basket: Basket) -> Result<Quote, ember::Error> {
        let customer = customer(&shop, basket.customer).await?;
        let prices = for line in &basket.lines { price(&shop, &line.article).await? };
        let carriage = carriage(&shop, &basket.country).await?;
        let risk = risk(&basket);
        let quote = total(&basket, &customer, &prices, &carriage, risk);
        Ok(quote)
    }
}

/// Customers seldom change: they are asked for once a minute.
#[operator(idempotent, cache(capacity = 10_000, ttl = "60s", key = |number| *number), retry = 3, timeout = "1s")]
async fn customer(shop: &Client, number: u64) -> Result<Customer, ShopError> {
    shop.get("customers", number).await
}

/// When the prices are down, asking again makes it worse: the breaker keeps the calls off.
#[operator(
    idempotent,
    retry(attempts = 3, backoff = constant("5ms")),
    breaker(failure_rate = 0.5, window = 100, min_calls = 20, open = "30s"),
    concurrency = 64,
    timeout = "1s"
)]
async fn price(shop: &Client, article: &str) -> Result<Price, ShopError> {
    shop.get("prices", article).await
}

/// A carrier that is not there costs the sale nothing: the dearest carriage is assumed.
#[operator(fallback(value = Carriage { cents: 1990 }), timeout = "500ms")]
async fn carriage(shop: &Client, country: &str) -> Result<Carriage, ShopError> {
    shop.get("carriage", country).await
}

/// How odd a basket is, from 0 to 100. It needs a processor and no network.
#[operator]
fn risk(basket: &Basket) -> u64 {
    let pieces: u64 = basket.lines.iter().map(|line| line.pieces).sum();
    pieces.min(100)
}

/// Adds it all up.
#[operator]
fn total(basket: &Basket, customer: &Customer, prices: &[Price], carriage: &Carriage, risk: u64) -> Quote {
    let goods = basket.lines.iter().zip(prices).map(|(line, price)| line.pieces * price.cents).sum::<u64>();
    let discount = goods * customer.discount / 100;
    let total = goods - discount + carriage.cents;
    Quote { goods, discount, carriage: carriage.cents, total, review: risk > 50 }
}
