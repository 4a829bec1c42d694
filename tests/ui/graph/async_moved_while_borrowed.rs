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
        let shown = show(&text).await;
        let sent = send(text).await;
        sent + shown.len()
    }
}

fn main() {}
