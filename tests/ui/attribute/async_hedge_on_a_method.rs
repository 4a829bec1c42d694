use ember::prelude::*;

pub struct Client;

impl Client {
    #[operator(idempotent)]
    pub async fn ask(&self, question: &str) -> usize {
        question.len()
    }
}

graph! {
    pub async fn answer(client: &Client, question: &str) -> usize {
        #[hedge(after = "200ms")]
        let answer = client.ask(question).await;
        answer
    }
}

fn main() {}
