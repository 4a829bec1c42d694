use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Page(pub String);

#[operator(cache(capacity = 100))]
pub fn fetch(url: &str) -> Result<Page, Down> {
    Ok(Page(url.to_owned()))
}

fn main() {}
