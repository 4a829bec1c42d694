use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn measure(text: &str) -> usize {
        let loud = text.to_uppercase().as_str();
        let n = length(loud);
        n
    }
}

fn main() {}
