use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

#[operator]
fn keep(text: &'static str) -> usize {
    text.len()
}

graph! {
    pub fn measure(text: &str) -> usize {
        let loud = upper(text);
        let n = keep(&loud);
        n
    }
}

fn main() {}
