use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

static OTHER: Resource<u32> = Resource::new(&|| 1);

fn main() {}
