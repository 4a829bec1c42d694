use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(cache(capacity = 100))]
pub fn score(name: &str, weight: f64) -> Result<usize, Down> {
    Ok(name.len() * weight as usize)
}

fn main() {}
