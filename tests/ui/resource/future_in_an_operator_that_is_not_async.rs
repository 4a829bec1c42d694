use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

async fn connect() -> Result<u32, Infallible> {
    Ok(1)
}

static CLIENT: ember::AsyncResource<u32> = Resource::new_async(&connect);

#[operator]
fn judge(#[resource(CLIENT)] client: &u32) -> Result<u32, Infallible> {
    Ok(*client + *MODEL.get().unwrap())
}

fn main() {}
