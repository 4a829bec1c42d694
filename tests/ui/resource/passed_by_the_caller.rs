use ember::prelude::*;
use ember::Resource;
use std::convert::Infallible;

fn load() -> Result<u32, Infallible> {
    Ok(1)
}

static MODEL: Resource<u32> = Resource::new(&load);

#[operator]
fn judge(#[resource(MODEL)] model: &u32, n: u32) -> Result<u32, Infallible> {
    Ok(model + n)
}

graph! {
    fn trial(model: &u32, n: u32) -> Result<u32, ember::Error> {
        let verdict = judge(model, n)?;
        Ok(verdict)
    }
}

fn main() {}
