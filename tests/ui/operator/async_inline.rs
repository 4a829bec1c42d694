use ember::prelude::*;

#[operator(inline)]
pub async fn ask(question: &str) -> usize {
    question.len()
}

fn main() {}
