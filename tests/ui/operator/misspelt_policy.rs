use ember::prelude::*;

#[operator(retries = 3)]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
