use ember::prelude::*;

#[operator(log(args = [url, tries, url]))]
pub fn fetch(url: &str, tries: u32) -> String {
    format!("{url} {tries}")
}

fn main() {}
