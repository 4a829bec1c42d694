use ember::prelude::*;

use std::collections::HashMap;

#[operator]
fn index(words: &HashMap<String, Vec<usize>>, limit: Option<u32>, names: &[Option<String>]) -> usize {
    words.len() + names.len() + limit.map_or(0, |_| 1)
}

#[operator]
fn words(text: &str) -> HashMap<String, Vec<u32>> {
    HashMap::from([(text.to_owned(), Vec::new())])
}

#[operator]
fn names(text: &str) -> Vec<Option<&str>> {
    vec![Some(text)]
}

#[operator]
fn limit(text: &str) -> Option<u64> {
    text.parse().ok()
}

graph! {
    pub fn build(text: &str) -> usize {
        let found = words(text);
        let people = names(text);
        let most = limit(text);
        let size = index(&found, most, &people);
        size
    }
}

fn main() {}
