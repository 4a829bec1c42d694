use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(cache)]
pub fn fetch(log: &mut Vec<String>) -> Result<usize, Down> {
    log.push(String::new());
    Ok(log.len())
}

fn main() {}
