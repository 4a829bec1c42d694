use ember::prelude::*;

#[operator(idempotent)]
async fn ask(q: Option<String>) -> usize {
    q.map_or(0, |q| q.len())
}

graph! {
    pub async fn answer(q: String) -> usize {
        #[hedge(after = "200ms")]
        let answer = ask(Some(q)).await;
        answer
    }
}

fn main() {}
