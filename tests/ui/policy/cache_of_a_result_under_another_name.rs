use ember::prelude::*;

#[derive(Debug, Clone)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

type Fetched = Result<String, Down>;

#[operator(cache(capacity = 100))]
pub fn fetch(url: &str) -> Fetched {
    Ok(url.to_owned())
}

fn main() {}
