use ember::prelude::*;

#[operator(idempotent, retry(attempts = 3, backoff = none))]
async fn ask(n: u64) -> Result<u64, String> {
    Ok(n)
}

struct Client;

impl Client {
    async fn get(&self, n: u64) -> u64 {
        n
    }
}

graph! {
    async fn shown(n: u64) -> Result<String, ember::Error> {
        let shown = format!("{:?}", ask(n).await?);
        Ok(shown)
    }

    async fn beside_a_node(n: u64) -> Result<String, ember::Error> {
        let first = ask(n).await?;
        let shown = format!("{first} {:?}", ask(n).await?);
        Ok(shown)
    }

    async fn of_a_for(n: u64) -> Result<Vec<u64>, ember::Error> {
        let all = for x in vec![ask(n).await?] { ask(x).await? };
        Ok(all)
    }

    async fn in_a_statement(client: &Client, n: u64) -> Result<u64, ember::Error> {
        let first = ask(n).await?;
        if first > 1 {
            assert_eq!(client.get(n).await, first);
        }
        Ok(first)
    }

    async fn a_race(n: u64) -> Result<u64, ember::Error> {
        let all = vec![race!(ask(n), ask(n + 1)).await?];
        Ok(all[0])
    }

    fn not_async(n: u64) -> Vec<u64> {
        let all = vec![ask(n).await];
        all
    }

    async fn right(n: u64) -> Result<String, ember::Error> {
        let future = { std::future::ready(n) };
        let shown = format!("{}", future.await);
        let braced = { format!("{}", std::future::ready(n).await) };
        let more = ask(n).await?;
        Ok(format!("{shown} {braced} {more}"))
    }
}

fn main() {}
