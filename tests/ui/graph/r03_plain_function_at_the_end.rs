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
    pub fn loud(text: &str) -> String {
        let shown = upper(text);
        shorten(&shown)
    }
}

fn main() {}
