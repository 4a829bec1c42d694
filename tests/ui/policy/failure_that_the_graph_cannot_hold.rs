use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Odd;

#[operator(idempotent, retry = 3)]
pub fn fetch(url: &str) -> Result<String, Odd> {
    Ok(url.to_owned())
}

graph! {
    pub fn page(url: &str) -> Result<String, ember::Error> {
        let page = fetch(url)?;
        Ok(page)
    }
}

fn main() {}
