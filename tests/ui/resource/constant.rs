use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

const MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(#[resource(MODEL)] model: &u32) -> Result<u32, Infallible> {
    Ok(*model)
}

#[operator]
async fn ask(#[resource(MODEL)] model: &u32) -> Result<u32, Infallible> {
    Ok(*model)
}

fn main() {}
