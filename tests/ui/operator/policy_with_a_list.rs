use ember::prelude::*;

#[operator(breaker(failures = 3, open = "1s"))]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
