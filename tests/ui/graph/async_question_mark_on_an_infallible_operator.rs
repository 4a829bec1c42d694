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
    pub async fn post(text: String) -> Result<usize, ember::Error> {
        let sent = send(text).await?;
        Ok(sent)
    }
}

fn main() {}
