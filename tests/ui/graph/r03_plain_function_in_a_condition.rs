use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

fn is_long(text: &str) -> bool {
    text.len() > 9
}

graph! {
    pub fn measure(text: &str) -> String {
        let shown = if is_long(text) { upper(text) } else { text.to_owned() };
        shown
    }
}

fn main() {}
