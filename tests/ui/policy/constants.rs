use std::time::Duration;

use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

const NONE: u32 = 0;
const YEARS: Duration = Duration::from_secs(1 << 40);
const MOST_OF_ALL: f64 = 1.5;
const PAUSE: Duration = Duration::from_secs(10);
const CAP: Duration = Duration::from_secs(1);
const MANY: usize = 8;

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
pub fn no_place() -> Result<u32, Down> {
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
        Ok(value)
    }
}

fn main() {}
