use ember::prelude::*;

#[operator(crate)]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
