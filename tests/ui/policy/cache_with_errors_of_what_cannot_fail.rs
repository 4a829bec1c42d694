use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(cache(errors = "1s"))]
pub fn shout(text: &str) -> String {
    text.to_uppercase()
}

fn main() {}
