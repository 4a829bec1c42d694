use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

struct Court;

impl Court {
    #[operator]
    fn judge(&self, #[resource(MODEL)] model: &u32) -> Result<u32, Infallible> {
        Ok(*model)
    }
}

fn main() {}
