use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

fn shorten(text: &str) -> &str {
    text.trim()
}

graph! {
    pub fn measure(text: &str) -> usize {
        let short = shorten(text);
        let n = length(short);
        n
    }
}

fn main() {}
