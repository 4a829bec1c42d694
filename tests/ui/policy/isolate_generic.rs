use ember::prelude::*;

#[operator(isolate)]
fn parse<T: std::str::FromStr>(text: String) -> Result<u32, String> {
    Err(text)
}

fn main() {}
