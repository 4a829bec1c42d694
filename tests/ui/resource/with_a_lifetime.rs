use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge<'a>(#[resource(MODEL)] model: &'a u32) -> Result<&'a u32, Infallible> {
    Ok(model)
}

fn main() {}
