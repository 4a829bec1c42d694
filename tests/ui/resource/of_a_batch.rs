use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator(batch(max = 8))]
fn judge(items: &[u32], #[resource(MODEL)] model: &u32) -> Result<Vec<u32>, Infallible> {
    Ok(items.iter().map(|n| n + model).collect())
}

fn main() {}
