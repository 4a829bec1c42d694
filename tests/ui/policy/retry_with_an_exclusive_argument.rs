use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(idempotent, retry = 3)]
pub async fn fetch(log: &mut Vec<String>, url: &str) -> Result<String, Down> {
    log.push(url.to_owned());
    Ok(url.to_owned())
}

fn main() {}
