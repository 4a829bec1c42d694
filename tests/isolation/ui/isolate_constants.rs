use ember::prelude::*;
use std::time::Duration;

const SMALL: u64 = 1 << 10;
const INSTANT: Duration = Duration::from_millis(1);
const NONE: u32 = 0;

#[operator(isolate(memory = SMALL, cpu = INSTANT, workers = NONE))]
fn parse(text: String) -> Result<u32, String> {
    text.parse().map_err(|error: std::num::ParseIntError| error.to_string())
}

fn main() {}
