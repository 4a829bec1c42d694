use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: &str) -> usize {
    question.len()
}

graph! {
    pub async fn answer(question: &str) -> usize {
        #[hedge(after = "200ms", at_most = 1)]
        let answer = ask(question).await;
        answer
    }
}

fn main() {}
