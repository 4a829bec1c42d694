use ember::prelude::*;

#[operator(log(args = [url]), log(returned))]
pub fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
