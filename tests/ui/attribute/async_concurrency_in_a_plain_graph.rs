use ember::prelude::*;

#[operator]
fn count(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn counts(texts: &[String]) -> Vec<usize> {
        #[concurrency(2)]
        let counts = for text in texts { count(text) };
        counts
    }
}

fn main() {}
