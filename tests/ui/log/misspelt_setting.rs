use ember::prelude::*;

#[operator(log(arg = [url]))]
pub fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
