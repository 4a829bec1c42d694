use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: &str) -> usize {
    question.len()
}

graph! {
    pub async fn answers(questions: &[String]) -> Vec<usize> {
        #[concurrency(0)]
        let answers = for question in questions { ask(question).await };
        answers
    }
}

fn main() {}
