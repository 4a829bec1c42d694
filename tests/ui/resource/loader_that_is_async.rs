use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

async fn connect() -> Result<u32, Infallible> {
    Ok(1)
}

static OTHER: Resource<u32> = Resource::new(&connect);

fn main() {}
