use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(#[resource] model: &u32) -> Result<u32, Infallible> {
    Ok(*model)
}

#[operator]
fn vote(#[resource("MODEL")] model: &u32) -> Result<u32, Infallible> {
    Ok(*model)
}

fn main() {}
