use ember::prelude::*;

#[operator]
async fn ask(n: u64) -> Result<u64, String> {
    std::future::ready(Ok(n)).await
}

graph! {
    async fn first(n: u64) -> Result<u64, ember::Error> {
        #[timeout = "1s"]
        let first = race!(ask(n), ask(n + 1)).await?;
        Ok(first)
    }
}

fn main() {}
