//! A shop whose graphs the page shows.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ember::prelude::*;

/// What the service for prices says in the place of a price.
static REFUSAL: Mutex<Option<String>> = Mutex::new(None);
/// When it said so first.
static REFUSED: Mutex<Option<SystemTime>> = Mutex::new(None);
/// Whether the shop takes its time, as real ones do.
static UNHURRIED: AtomicBool = AtomicBool::new(false);
static ORDERS: AtomicU32 = AtomicU32::new(0);

/// From now on asking for a price fails with this text, or works again.
pub fn prices_fail(text: Option<&str>) {
    *lock(&REFUSED) = None;
    *lock(&REFUSAL) = text.map(str::to_owned);
}

/// When asking for a price failed first, since [`prices_fail`] said that it does.
pub fn refused_at() -> Option<SystemTime> {
    *lock(&REFUSED)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether nodes take some milliseconds.
pub fn take_time(yes: bool) {
    UNHURRIED.store(yes, Ordering::Relaxed);
}

/// What can go wrong in a shop.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Nothing was ordered.
    #[error("nothing was ordered")]
    Empty,
    /// A service said no.
    #[error("the service for prices answered: {0}")]
    Refused(String),
}

#[operator]
fn parse(order: &str) -> Result<Vec<String>, Trouble> {
    work(0.2);
    let items: Vec<String> = order.split_whitespace().map(str::to_owned).collect();
    if items.is_empty() { Err(Trouble::Empty) } else { Ok(items) }
}

#[operator(cache(capacity = 512, ttl = "60s"))]
fn customer(items: &[String]) -> String {
    work(3.0);
    format!("customer {}", items.len())
}

#[operator(concurrency = 8)]
fn stock(item: &str) -> Result<usize, Trouble> {
    work(2.0);
    if item.is_empty() { Err(Trouble::Empty) } else { Ok(item.len()) }
}

#[operator(idempotent, retry(attempts = 2, backoff = none), breaker)]
fn price(item: &str) -> Result<u64, Trouble> {
    work(4.0);
    let refusal = lock(&REFUSAL).clone();
    match refusal {
        Some(text) => {
            lock(&REFUSED).get_or_insert_with(SystemTime::now);
            Err(Trouble::Refused(text))
        }
        None => Ok(100 * item.len() as u64),
    }
}

#[operator]
fn discount(customer: &str, total: u64) -> u64 {
    work(0.5);
    total.saturating_sub(customer.len() as u64)
}

#[operator]
fn receipt(customer: &str, stock: &[usize], total: u64) -> String {
    work(0.4);
    format!("{customer}: {} items, {total}", stock.len())
}

graph! {
    /// What an order costs.
    pub fn quote(items: &[String], customer: &str) -> Result<u64, ember::Error> {
        let prices = for item in items { price(item)? };
        let whole: u64 = prices.iter().sum();
        let total = if whole > 500 { discount(customer, whole) } else { whole };
        Ok(total)
    }

    /// From an order to its receipt.
    pub fn checkout(order: &str) -> Result<String, ember::Error> {
        let items = parse(order)?;
        let customer = customer(&items);
        let in_stock = for item in &items { stock(item)? };
        let total = quote(&items, &customer)?;
        let receipt = receipt(&customer, &in_stock, total);
        Ok(receipt)
    }
}

#[operator]
fn tokens(text: &str) -> Vec<String> {
    work(1.0);
    text.split_whitespace().map(str::to_owned).collect()
}

#[operator]
fn longest(tokens: &[String]) -> usize {
    work(1.5);
    tokens.iter().map(String::len).max().unwrap_or(0)
}

#[operator]
fn distinct(tokens: &[String]) -> usize {
    work(2.5);
    tokens.iter().collect::<std::collections::HashSet<_>>().len()
}

graph! {
    /// What the search knows of a product.
    pub fn index(text: &str) -> usize {
        let tokens = tokens(text);
        let longest = longest(&tokens);
        let distinct = distinct(&tokens);
        longest * distinct
    }
}

/// Some milliseconds, more or less, if the shop takes its time.
fn work(millis: f64) {
    if UNHURRIED.load(Ordering::Relaxed) {
        // Every order takes another time, and each run of the program the same.
        let number = ORDERS.fetch_add(1, Ordering::Relaxed);
        let part = 0.6 + f64::from(number.wrapping_mul(2_654_435_761) % 1000) / 1200.0;
        std::thread::sleep(Duration::from_secs_f64(millis * part / 1000.0));
    }
}
