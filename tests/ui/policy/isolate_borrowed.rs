use ember::prelude::*;

#[operator(isolate)]
fn parse(file: &[u8], name: impl Into<String>) -> Result<&str, String> {
    Err(name.into())
}

fn main() {}
