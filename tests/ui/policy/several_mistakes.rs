use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(retyr = 3, timeout = "0s", concurrency = 0, rate = "100")]
pub async fn fetch(url: &str) -> Result<String, Down> {
    Ok(url.to_owned())
}

fn main() {}
