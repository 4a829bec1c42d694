//! The items of an async graph.

use ember::prelude::*;

#[operator]
async fn ask(text: String, seed: u64) -> usize {
    text.len() + seed as usize
}

graph! {
    async fn answer(text: String, seed: u64) -> usize {
        ask(text, seed).await
    }
}

fn main() {
    let _ = answer::batch([("text", 1_u64)]).run();
}
