use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Question {
    pub text: String,
}

#[operator(cache(capacity = 100))]
pub fn answer(question: &Question) -> Result<usize, Down> {
    Ok(question.text.len())
}

fn main() {}
