use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: String) -> usize {
    question.len()
}

graph! {
    pub async fn answer(question: String) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(question).await;
        answer
    }
}

fn main() {}
