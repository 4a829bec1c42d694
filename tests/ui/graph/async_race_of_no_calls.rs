use ember::prelude::*;

#[operator]
async fn ask(n: u64) -> Result<u64, String> {
    std::future::ready(Ok(n)).await
}

graph! {
    async fn braces(n: u64) -> Result<u64, ember::Error> {
        let first = race!({ ask(n) }, ask(n + 1)).await?;
        Ok(first)
    }

    async fn block(n: u64) -> Result<u64, ember::Error> {
        let first = race!(ask(n), async { Ok(n) }).await?;
        Ok(first)
    }

    async fn nested(n: u64) -> Result<u64, ember::Error> {
        let first = race!(ask(n), race!(ask(n + 1), ask(n + 2))).await?;
        Ok(first)
    }

    async fn right(n: u64) -> Result<u64, ember::Error> {
        let first = race!(ask(n), ask(n + 1), ask(n + 2)).await?;
        Ok(first)
    }
}

fn main() {}
