use ember::prelude::*;

#[operator]
async fn send(text: String) -> usize {
    text.len()
}

#[operator]
async fn show(text: &str) -> &str {
    text
}

graph! {
    pub async fn post(text: String) -> usize {
        let first = send(text).await;
        let second = send(text).await;
        first + second
    }
}

fn main() {}
