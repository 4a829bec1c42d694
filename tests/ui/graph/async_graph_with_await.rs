use ember::prelude::*;

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub async fn measure(text: &str) -> usize {
        let loud = upper(text).await;
        let n = length(&loud).await;
        n
    }
}

fn main() {}
