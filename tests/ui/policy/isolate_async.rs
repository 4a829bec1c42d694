use ember::prelude::*;

#[operator(isolate)]
async fn parse(file: Vec<u8>) -> Result<usize, String> {
    Ok(file.len())
}

fn main() {}
