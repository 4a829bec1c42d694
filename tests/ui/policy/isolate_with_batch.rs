use ember::prelude::*;

#[operator(isolate, batch(max = 8, wait = "2ms"))]
fn parse(files: Vec<Vec<u8>>) -> Result<Vec<usize>, String> {
    Ok(files.iter().map(Vec::len).collect())
}

fn main() {}
