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
    #[fail_fast(true)]
    pub fn measure(text: &str) -> usize {
        let n = length(text);
        n
    }
}

fn main() {}
