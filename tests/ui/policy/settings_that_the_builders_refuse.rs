use std::time::Duration;

use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

const MANY: u32 = 101;
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

#[operator(breaker(min_calls = 101))]
pub fn more_than_the_window() -> Result<u32, Down> {
    Ok(1)
}

#[operator(breaker(min_calls = MANY))]
pub fn more_than_the_window_by_name() -> Result<u32, Down> {
    Ok(1)
}

#[operator(idempotent, retry(backoff = constant(WEEK)))]
pub fn waits_for_a_week() -> Result<u32, Down> {
    Ok(1)
}

#[operator(rate = "2/ns")]
pub fn too_often() -> Result<u32, Down> {
    Ok(1)
}

#[operator(rate = "1/40000d")]
pub fn too_seldom() -> Result<u32, Down> {
    Ok(1)
}

#[operator(limit(rate = "1/d", burst = 100_000))]
pub fn burst_of_centuries() -> Result<u32, Down> {
    Ok(1)
}

fn main() {}
