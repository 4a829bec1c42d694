use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

mod text {
    pub fn shorten(text: &str) -> &str {
        text.trim()
    }
}

graph! {
    pub fn measure(line: &str) -> usize {
        let short = text::shorten(line);
        let n = length(short);
        n
    }
}

fn main() {}
