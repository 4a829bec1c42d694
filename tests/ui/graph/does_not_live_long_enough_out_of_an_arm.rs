use ember::prelude::*;

#[operator]
fn load(path: &str) -> String {
    path.to_owned()
}

#[operator]
fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

#[operator]
fn count(words: &[&str]) -> usize {
    words.len()
}

graph! {
    pub fn parts(path: &str, deep: bool) -> usize {
        let parts = if deep { let text = load(path); words(&text) } else { words(path) };
        count(&parts)
    }
}

fn main() {}
