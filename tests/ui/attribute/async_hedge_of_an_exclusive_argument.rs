use ember::prelude::*;

#[operator(idempotent)]
async fn ask(questions: &mut Vec<String>) -> usize {
    questions.len()
}

graph! {
    pub async fn answer(mut questions: Vec<String>) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(&mut questions).await;
        answer
    }
}

fn main() {}
