use ember::prelude::*;

#[operator(isolate(memory = "512MiB"))]
fn parse(file: Vec<u8>) -> Result<usize, String> {
    Ok(file.len())
}

fn main() {}
