use ember::prelude::*;

#[operator(cache(capacity = 10))]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn lengths(text: &str) -> usize {
        #[without(limit)]
        let length = length(text);
        length
    }
}

fn main() {}
