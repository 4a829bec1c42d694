use ember::prelude::*;

#[operator(idempotent)]
async fn ask(question: String) -> usize {
    question.len()
}

#[operator]
async fn render(topic: &str) -> String {
    topic.to_owned()
}

graph! {
    pub async fn answer(topic: &str) -> usize {
        let question = render(topic).await;
        #[hedge(after = "200ms")]
        let answer = ask(question).await;
        answer
    }
}

fn main() {}
