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
    pub fn find(query: &str) -> usize {
        let found = ops::search(query);
        let n = length(query);
        found + n
    }
}

fn main() {}
