use ember::prelude::*;

#[operator(inline, blocking)]
pub fn ask(question: &str) -> usize {
    question.len()
}

fn main() {}
