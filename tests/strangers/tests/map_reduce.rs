//! Map and reduce: pages are loaded concurrently, words counted where it costs nothing to wait, and sums made on the pool.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

type Counts = BTreeMap<String, usize>;

trait Store: Send + Sync + 'static {
    fn shards(&self) -> usize;
    fn page(&self, shard: usize, page: usize) -> impl Future<Output = Option<String>> + Send;
}

struct Memory(Vec<Vec<&'static str>>);

impl Store for Memory {
    fn shards(&self) -> usize {
        self.0.len()
    }

    async fn page(&self, shard: usize, page: usize) -> Option<String> {
        sleep(Duration::from_secs(1)).await;
        Some((*self.0.get(shard)?.get(page)?).to_owned())
    }
}

#[operator]
async fn load<S: Store>(store: &S, shard: usize, page: usize) -> Result<String, String> {
    store.page(shard, page).await.ok_or_else(|| format!("no page {page} in shard {shard}"))
}

#[operator]
fn count(text: &str) -> Counts {
    let mut counts = Counts::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    counts
}

#[operator]
fn merge(parts: Vec<Counts>) -> Counts {
    parts.into_iter().fold(Counts::new(), |mut all, part| {
        for (word, n) in part {
            *all.entry(word).or_default() += n;
        }
        all
    })
}

#[operator]
fn top(counts: &Counts, n: usize) -> Vec<(&str, usize)> {
    let mut all: Vec<_> = counts.iter().map(|(word, &n)| (word.as_str(), n)).collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    all.truncate(n);
    all
}

graph! {
    async fn most_frequent<S: Store>(store: Arc<S>, pages: usize, n: usize) -> Result<Vec<(String, usize)>, ember::Error> {
        let shards = store.shards();
        let mapped = for shard in 0..shards {
            let counted = for page in 0..pages {
                let text = load(&*store, shard, page).await?;
                count(&text)
            };
            merge(counted)
        };
        let reduced = merge(mapped);
        let top = top(&reduced, n);
        Ok(top.iter().map(|&(word, n)| (word.to_owned(), n)).collect())
    }
}

fn memory() -> Arc<Memory> {
    Arc::new(Memory(vec![
        vec!["to be or not to be", "be quick"],
        vec!["or else", "to the point"],
        vec!["be", "quick or dead"],
    ]))
}

#[tokio::test(start_paused = true)]
async fn all_pages_at_once() {
    let start = Instant::now();
    let top = most_frequent(memory(), 2, 3).await.unwrap();
    assert_eq!(top, [("be".to_owned(), 4), ("or".to_owned(), 3), ("to".to_owned(), 3)]);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn in_order_it_takes_longer_and_gives_the_same() {
    let start = Instant::now();
    let cx = Context::builder().strategy(Strategy::Sequential).build();
    let in_order = cx.scope(|| most_frequent(memory(), 2, 2)).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(6));
    for strategy in [Strategy::Parallel, Strategy::Auto] {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(|| most_frequent(memory(), 2, 2)).await.unwrap(), in_order);
    }
}

#[tokio::test(start_paused = true)]
async fn the_missing_page_is_named() {
    let error = most_frequent(memory(), 3, 2).await.unwrap_err();
    assert_eq!(error.graph(), "most_frequent");
    let node = "node `mapped[0].counted[2].text` (operator `load`) of graph `most_frequent` failed";
    assert_eq!(format!("{error:#}"), format!("{node}: no page 2 in shard 0"));
}
