//! Mirrors: the quickest answer wins, a slow one is asked once more, and who gives up leaves nothing behind.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

struct Mirror {
    name: &'static str,
    delay: Duration,
    is_up: bool,
    calls: AtomicUsize,
    dropped: AtomicUsize,
}

impl Mirror {
    fn new(name: &'static str, millis: u64, is_up: bool) -> Self {
        let (calls, dropped) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { name, delay: Duration::from_millis(millis), is_up, calls, dropped }
    }
}

/// Counts itself where it is dropped before its call has come to an end.
struct Underway<'m>(&'m Mirror, bool);

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0.dropped.fetch_add(1, SeqCst);
        }
    }
}

/// The first call of a mirror takes ten times as long as others.
#[operator(idempotent)]
async fn download<'m>(mirror: &'m Mirror, file: &str) -> Result<(&'m str, String), String> {
    let is_first = mirror.calls.fetch_add(1, SeqCst) == 0;
    let mut underway = Underway(mirror, true);
    sleep(mirror.delay * if is_first { 10 } else { 1 }).await;
    underway.1 = false;
    if mirror.is_up {
        Ok((mirror.name, format!("{file} from {}", mirror.name)))
    } else {
        Err(format!("{} is down", mirror.name))
    }
}

graph! {
    async fn quickest<'m>(mirrors: &'m [Mirror; 3], file: &str) -> Result<(&'m str, String), ember::Error> {
        let [a, b, c] = mirrors;
        let got = race!(download(a, file), download(b, file), download(c, file)).await?;
        Ok(got)
    }

    async fn patient(mirror: &Mirror, file: &str) -> Result<String, ember::Error> {
        #[hedge(after = "50ms", at_most = 3)]
        let (_, text) = download(mirror, file).await?;
        Ok(text)
    }

    /// A race and a hedged call beside each other, each in a graph of its own.
    async fn both(mirrors: &[Mirror; 3], alone: &Mirror, file: &str) -> Result<(String, String), ember::Error> {
        let (_, raced) = quickest(mirrors, file).await?;
        let hedged = patient(alone, file).await?;
        Ok((raced, hedged))
    }
}

fn mirrors(up: [bool; 3]) -> [Mirror; 3] {
    [Mirror::new("north", 20, up[0]), Mirror::new("south", 10, up[1]), Mirror::new("west", 30, up[2])]
}

#[tokio::test(start_paused = true)]
async fn the_quickest_that_is_up_wins_and_the_others_are_dropped() {
    let mirrors = mirrors([true, false, true]);
    let start = Instant::now();
    assert_eq!(quickest(&mirrors, "x").await.unwrap(), ("north", "x from north".to_owned()));
    assert_eq!(start.elapsed(), Duration::from_millis(200));
    assert_eq!(mirrors.each_ref().map(|mirror| mirror.dropped.load(SeqCst)), [0, 0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_race_and_a_hedged_call_take_no_longer_than_the_slower() {
    let alone = Mirror::new("alone", 100, true);
    let start = Instant::now();
    let got = both(&mirrors([true; 3]), &alone, "y").await.unwrap();
    assert_eq!(got, ("y from south".to_owned(), "y from alone".to_owned()));
    // The second attempt begins after 50 ms and takes 100 ms.
    assert_eq!(start.elapsed(), Duration::from_millis(150));
    assert_eq!((alone.calls.load(SeqCst), alone.dropped.load(SeqCst)), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn all_that_failed_is_told_with_the_way_to_it() {
    let alone = Mirror::new("alone", 1000, true);
    let error = both(&mirrors([false; 3]), &alone, "z").await.unwrap_err();
    assert_eq!((error.graph(), error.node()), ("quickest", "got[0]"));
    let said: Vec<_> = error.failures().map(|failure| format!("{failure:#}")).collect();
    assert_eq!(said.len(), 3);
    assert!(said[2].ends_with("run by node `raced` of graph `both`, failed: west is down"), "{said:?}");
    assert_eq!((alone.calls.load(SeqCst), alone.dropped.load(SeqCst)), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_drops_every_attempt() {
    let never = Mirror::new("never", 1_000_000, true);
    tokio::select! {
        _ = patient(&never, "w") => unreachable!("it takes for ever"),
        () = sleep(Duration::from_secs(1)) => {}
    }
    assert_eq!((never.calls.load(SeqCst), never.dropped.load(SeqCst)), (3, 3));
}
