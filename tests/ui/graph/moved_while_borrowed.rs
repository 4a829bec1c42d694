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
fn store(text: String) -> usize {
    text.len()
}

#[operator]
fn count(words: &[&str]) -> usize {
    words.len()
}

graph! {
    pub fn keep(path: &str) -> usize {
        let text = load(path);
        let parts = words(&text);
        let stored = store(text);
        let n = count(&parts);
        stored + n
    }
}

fn main() {}
