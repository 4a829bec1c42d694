use ember::prelude::*;

#[operator(idempotant)]
pub async fn ask(question: &str) -> usize {
    question.len()
}

fn main() {}
