use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

fn shorten(text: &str) -> String {
    text.trim().to_owned()
}

graph! {
    pub fn all(texts: &[String]) -> Vec<String> {
        for text in texts { shorten(text) }
    }
}

fn main() {}
