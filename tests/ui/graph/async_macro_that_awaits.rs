use ember::prelude::*;

#[operator]
async fn ask(n: u64) -> Result<u64, String> {
    Ok(n)
}

async fn plain(n: u64) -> u64 {
    n
}

/// One of the user's own, which awaits nothing.
macro_rules! select {
    ($($n:expr),*) => {
        [$($n),*]
    };
}

mod sorted {
    macro_rules! join {
        ($($n:expr),*) => {
            [$($n),*]
        };
    }
    pub(crate) use join;
}

graph! {
    async fn bare(n: u64) -> (Result<u64, String>, Result<u64, String>) {
        let both = tokio::join!(ask(n), ask(n + 1));
        both
    }

    async fn in_braces(n: u64) -> Result<(u64, u64), ember::Error> {
        let both = { tokio::try_join!(ask(n), ask(n + 1))? };
        Ok(both)
    }

    async fn of_futures(n: u64) -> Result<(u64, u64), ember::Error> {
        let both = futures::try_join!(ask(n), ask(n + 1))?;
        Ok(both)
    }

    async fn by_its_name(n: u64) -> Result<(u64, u64), ember::Error> {
        let both = try_join!(ask(n), ask(n + 1))?;
        Ok(both)
    }

    async fn first(n: u64) -> Result<u64, ember::Error> {
        let first = { tokio::select! { a = ask(n) => a?, b = ask(n + 1) => b? } };
        Ok(first)
    }

    async fn fair(n: u64) -> Result<u64, ember::Error> {
        let first = ask(n).await?;
        if first > 1 {
            select_biased! { a = ask(n) => drop(a), b = ask(n + 1) => drop(b) }
        }
        Ok(first)
    }

    fn not_async(n: u64) -> (u64, u64) {
        let both = tokio::join!(ask(n), ask(n + 1));
        both
    }

    async fn right(n: u64) -> Result<u64, ember::Error> {
        let both = { async { tokio::join!(plain(n), plain(n + 1)) }.await };
        let own = select!(n, n + 1);
        let others = sorted::join!(n, n + 1);
        let more = ask(n).await?;
        Ok(both.0 + both.1 + own[0] + others[0] + more)
    }
}

fn main() {}
