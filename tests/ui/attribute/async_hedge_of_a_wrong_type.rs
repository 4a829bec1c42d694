use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: &str) -> usize {
    question.len()
}

graph! {
    pub async fn page(question: usize) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(question).await;
        answer
    }
}

fn main() {}
