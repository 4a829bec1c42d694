use ember::prelude::*;

#[operator(isolate, inline)]
fn parse(text: String) -> Result<u32, String> {
    Err(text)
}

fn main() {}
