use ember::prelude::*;

#[operator]
async fn ask(question: &str) -> usize {
    question.len()
}

graph! {
    pub async fn answer(question: &str) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(question).await;
        answer
    }
}

fn main() {}
