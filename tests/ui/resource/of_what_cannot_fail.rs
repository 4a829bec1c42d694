use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(#[resource(MODEL)] model: &u32, n: u32) -> u32 {
    model + n
}

fn main() {}
