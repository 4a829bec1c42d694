use ember::prelude::*;

#[operator(idempotent)]
fn ask(question: &String) -> usize {
    question.len()
}

graph! {
    pub async fn answer(question: String) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(&question);
        answer
    }
}

fn main() {}
