use ember::prelude::*;

#[operator(idempotent)]
async fn ask(n: u64) -> u64 {
    n
}

graph! {
    async fn graph(n: u64) -> u64 {
        #[hedge(after = "200ms")]
        let value = ask(n).await;
        value
    }
}

fn main() {}
