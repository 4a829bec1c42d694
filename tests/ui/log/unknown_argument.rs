use ember::prelude::*;

#[operator(log(args = [uri]))]
pub fn fetch(url: &str, tries: u32) -> String {
    format!("{url} {tries}")
}

fn main() {}
