//! A crawler: level by level, so many pages at once, over a web that only exists here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

/// Pages and their links. Each page takes a second.
struct Web {
    links: BTreeMap<&'static str, Vec<&'static str>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Web {
    fn new(links: impl IntoIterator<Item = (&'static str, Vec<&'static str>)>) -> Self {
        Web { links: links.into_iter().collect(), open: AtomicUsize::new(0), most_open: AtomicUsize::new(0) }
    }

    async fn get(&self, url: &str) -> Result<Vec<String>, Missing> {
        self.most_open.fetch_max(self.open.fetch_add(1, SeqCst) + 1, SeqCst);
        sleep(Duration::from_secs(1)).await;
        self.open.fetch_sub(1, SeqCst);
        let links = self.links.get(url).ok_or_else(|| Missing(url.to_owned()))?;
        Ok(links.iter().map(|&link| link.to_owned()).collect())
    }
}

#[derive(Debug, PartialEq)]
struct Missing(String);

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no page {}", self.0)
    }
}

impl std::error::Error for Missing {}

/// A page that is missing has no links; the crawl goes on.
#[operator]
async fn links_of(web: &Web, url: &str) -> Vec<String> {
    web.get(url).await.unwrap_or_default()
}

#[operator]
async fn strictly(web: &Web, url: &str) -> Result<Vec<String>, Missing> {
    web.get(url).await
}

/// Those that have not been seen, which from now on they have.
#[operator]
#[expect(clippy::unused_async, reason = "what works on another thread could not borrow the web")]
async fn unseen(pages: &[Vec<String>], seen: &mut BTreeSet<String>) -> Vec<String> {
    pages.iter().flatten().filter(|link| seen.insert((*link).clone())).cloned().collect()
}

graph! {
    /// Everything that can be reached.
    async fn crawl(web: &Web, start: &str, at_once: usize) -> Result<Vec<String>, ember::Error> {
        let mut seen = BTreeSet::from([start.to_owned()]);
        let mut front = vec![start.to_owned()];
        #[at_most(8)]
        let all = loop {
            #[concurrency(at_once)]
            let pages = for url in &front { links_of(web, url).await };
            front = unseen(&pages, &mut seen).await;
            if front.is_empty() { break seen.iter().cloned().collect::<Vec<_>>() }
        };
        Ok(all)
    }

    /// One level, where nothing may be missing.
    async fn level(web: &Web, urls: &[&str], at_once: usize) -> Result<usize, ember::Error> {
        #[concurrency(at_once)]
        let pages = for url in urls { strictly(web, url).await? };
        Ok(pages.iter().map(Vec::len).sum())
    }
}

fn small() -> Web {
    Web::new([
        ("/", vec!["/a", "/b", "/c", "/d"]),
        ("/a", vec!["/", "/e"]),
        ("/b", vec!["/e", "/gone"]),
        ("/c", vec![]),
        ("/d", vec!["/d"]),
        ("/e", vec!["/a"]),
    ])
}

#[tokio::test(start_paused = true)]
async fn level_by_level_and_two_at_once() {
    let web = small();
    let start = Instant::now();
    let all = crawl(&web, "/", 2).await.unwrap();
    assert_eq!(all, ["/", "/a", "/b", "/c", "/d", "/e", "/gone"]);
    // One page, then four, then two.
    assert_eq!(start.elapsed(), Duration::from_secs(1 + 2 + 1));
    assert_eq!(web.most_open.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_web_without_end_is_given_up() {
    let web = Web::new([
        ("0", vec!["1"]),
        ("1", vec!["2"]),
        ("2", vec!["3"]),
        ("3", vec!["4"]),
        ("4", vec!["5"]),
        ("5", vec!["6"]),
        ("6", vec!["7"]),
        ("7", vec!["8"]),
        ("8", vec!["9"]),
    ]);
    let error = crawl(&web, "0", 1).await.unwrap_err();
    assert!(error.is_loop_bound(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_first_missing_page_is_the_error_and_no_more_pages_are_opened() {
    let web = small();
    let error = level(&web, &["/a", "/gone", "/b", "/c", "/d"], 2).await.unwrap_err();
    assert_eq!(error.node(), "pages[1]");
    assert_eq!(error.find::<Missing>(), Some(&Missing("/gone".to_owned())));
    assert_eq!(level(&web, &["/a", "/b"], 2).await.unwrap(), 4);
}
