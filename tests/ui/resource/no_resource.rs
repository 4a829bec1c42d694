use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

static NUMBER: u32 = 1;

#[operator]
fn judge(#[resource(NUMBER)] model: &u32) -> Result<u32, Infallible> {
    Ok(*model)
}

fn main() {}
