use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(n: u32) -> Result<u32, Infallible> {
    Ok(n)
}

graph! {
    fn trial(#[resource(MODEL)] model: &u32) -> Result<u32, ember::Error> {
        let verdict = judge(*model)?;
        Ok(verdict)
    }
}

fn main() {}
