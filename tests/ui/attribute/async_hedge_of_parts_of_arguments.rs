use ember::prelude::*;

pub struct Question {
    text: String,
    seed: usize,
}

#[operator(idempotent)]
async fn ask(texts: Vec<String>, seed: Option<usize>, name: Box<str>) -> usize {
    texts.len() + seed.unwrap_or(0) + name.len()
}

graph! {
    pub async fn answer(question: Question, name: String, other: String) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(vec![question.text, other.clone()], Some(question.seed), name.into_boxed_str()).await;
        answer
    }
}

fn main() {}
