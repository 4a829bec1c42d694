use ember::prelude::*;

#[operator(colour = "blue")]
fn fetch(url: &str) -> String {
    url.to_owned()
}

fn main() {}
