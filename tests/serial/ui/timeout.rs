use ember::prelude::*;

#[operator(timeout = "2s")]
async fn ask(n: u64) -> Result<u64, String> {
    Ok(n)
}

graph! {
    async fn graph(n: u64) -> Result<u64, ember::Error> {
        let value = ask(n).await?;
        Ok(value)
    }
}

fn main() {}
