use ember::prelude::*;

#[operator(log(args = [url.len(), "url"]))]
pub fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
