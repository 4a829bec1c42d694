use std::time::Duration;

use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

const NONE: u32 = 0;
const YEARS: Duration = Duration::from_secs(1 << 40);
const MOST_OF_ALL: f64 = 1.5;
const HALF: f64 = 0.5;
const PAUSE: Duration = Duration::from_secs(10);
const CAP: Duration = Duration::from_secs(1);
const MANY: usize = 8;
const PER_SECOND: u32 = 100;
const SHORT: Duration = Duration::from_micros(1);
const DECADES: Duration = Duration::from_hours(60 * 365 * 24);

#[operator(idempotent, retry = NONE)]
pub fn attempts() -> Result<u32, Down> {
    Ok(1)
}

#[operator(timeout = YEARS)]
pub async fn timeout() -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(failure_rate = MOST_OF_ALL))]
pub fn breaker() -> Result<u32, Down> {
    Ok(1)
}

#[operator(idempotent, retry(backoff = exponential(PAUSE, cap = CAP)))]
pub fn backoff() -> Result<u32, Down> {
    Ok(1)
}

#[operator(concurrency = MANY)]
pub fn wrong_type() -> Result<u32, Down> {
    Ok(1)
}

#[operator(rate = PER_SECOND)]
pub fn rate_as_a_whole() -> Result<u32, Down> {
    Ok(1)
}

#[operator(rate(calls = PER_SECOND))]
pub fn rate_in_part() -> Result<u32, Down> {
    Ok(1)
}

#[operator(rate(calls = PER_SECOND, per = "10ns"))]
pub fn rate_too_often() -> Result<u32, Down> {
    Ok(1)
}

#[operator(limit(rate(calls = 1, per = DECADES), burst = 2))]
pub fn rate_too_seldom() -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(window = SHORT))]
pub fn window_too_short() -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(window = PER_SECOND, min_calls = 200))]
pub fn window_that_never_opens() -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(window = MANY))]
pub fn window_of_a_wrong_type() -> Result<u32, Down> {
    Ok(1)
}

#[operator(idempotent, retry(backoff = exponential("1s", factor = HALF)))]
pub fn factor() -> Result<u32, Down> {
    Ok(1)
}

#[operator(batch(max = PER_SECOND, queue = 10, wait = YEARS))]
pub fn batch(items: &[u32]) -> Vec<u32> {
    items.to_vec()
}

#[operator(batch(max = NONE, key = |key| *key))]
pub fn batch_by_key(items: &[u32], key: u32) -> Vec<u32> {
    items.iter().map(|item| item + key).collect()
}

#[operator(idempotent)]
pub async fn hangs() -> Result<u32, Down> {
    Ok(1)
}

pub struct Client;

impl Client {
    #[operator(idempotent, retry = NONE)]
    pub fn method<T>(&self, _: &T) -> Result<u32, Down> {
        Ok(1)
    }
}

graph! {
    pub async fn line() -> Result<u32, ember::Error> {
        #[deadline = YEARS]
        let value = timeout().await?;
        #[hedge(after = YEARS)]
        let more = hangs().await?;
        Ok(value + more)
    }
}

fn main() {}
