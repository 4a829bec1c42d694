use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Page;

#[operator(timeout = "2s")]
pub async fn fetch(_url: &str) -> Page {
    Page
}

fn main() {}
