use ember::prelude::*;

#[operator(idempotent, timeout = "2s")]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
