use ember::prelude::*;

#[derive(Debug)]
pub struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(memory(max = "64MiB"))]
pub fn unpack(text: &str) -> Result<usize, Down> {
    Ok(0)
}

fn main() {}
