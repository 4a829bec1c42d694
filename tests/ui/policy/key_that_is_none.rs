use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(breaker(key = |url, weight| *weight))]
pub async fn fetch(url: &str, weight: f64) -> Result<String, Down> {
    Ok(format!("{url} {weight}"))
}

fn main() {}
