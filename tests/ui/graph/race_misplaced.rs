use ember::prelude::*;

#[operator]
async fn ask(question: &str) -> Result<usize, String> {
    std::future::ready(Ok(question.len())).await
}

graph! {
    async fn without_await(question: &str) -> Result<usize, ember::Error> {
        let first = race!(ask(question), ask("again"))?;
        Ok(first)
    }

    async fn without_try(question: &str) -> Result<usize, ember::Error> {
        let first = race!(ask(question), ask("again")).await;
        Ok(first)
    }

    async fn inside(question: &str) -> Result<usize, ember::Error> {
        let more = 1 + race!(ask(question), ask("again")).await?;
        Ok(more)
    }

    async fn in_braces(question: &str) -> Result<usize, ember::Error> {
        let first = { race!(ask(question), ask("again")).await? };
        Ok(first)
    }

    async fn right(question: &str) -> Result<(usize, usize), ember::Error> {
        let first = race!(ask(question), ask("again")).await?;
        let pair = (race!(ask(question), ask("again")).await?, ask("alone").await?);
        if first > 0 { Ok(pair) } else { race!(twice(question), twice("again")).await? }
    }
}

#[operator]
async fn twice(question: &str) -> Result<Result<(usize, usize), ember::Error>, String> {
    std::future::ready(Ok(Ok((question.len(), 2)))).await
}

fn main() {}
