use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(#[resource(MODEL)] model: &String) -> Result<usize, Infallible> {
    Ok(model.len())
}

fn main() {}
