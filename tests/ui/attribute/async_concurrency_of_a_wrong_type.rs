use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: &str) -> usize {
    question.len()
}

graph! {
    pub async fn answers(questions: &[String], at_once: u32) -> Vec<usize> {
        #[concurrency(at_once)]
        let answers = for question in questions { ask(question).await };
        answers
    }
}

fn main() {}
