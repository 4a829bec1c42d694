//! Embeds documents for a search: few batches at a time go to a service that is slow now and then, and what comes back is
//! compared on the pool.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

type Vector = [f32; 4];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServiceError {
    TooLong { words: usize },
    Overloaded,
}

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong { words } => write!(f, "{words} words are too many"),
            Self::Overloaded => f.write_str("overloaded"),
        }
    }
}

impl std::error::Error for ServiceError {}

/// Answers after 100 ms, but for the calls that are named: they take ten seconds.
struct Service {
    slow: Vec<u32>,
    overloaded: bool,
    calls: AtomicU32,
    open: AtomicUsize,
    most: AtomicUsize,
    asked: Mutex<Vec<usize>>,
}

impl Service {
    fn with_slow_calls(slow: &[u32]) -> Arc<Service> {
        Arc::new(Service {
            slow: slow.to_vec(),
            overloaded: false,
            calls: AtomicU32::new(0),
            open: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            asked: Mutex::default(),
        })
    }
}

/// Lowers the count when the call has ended, or was dropped.
struct Open<'s>(&'s Service);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
    }
}

#[operator(idempotent)]
async fn embed(service: &Service, batch: &[String]) -> Result<Vec<Vector>, ServiceError> {
    let call = service.calls.fetch_add(1, SeqCst);
    service.most.fetch_max(service.open.fetch_add(1, SeqCst) + 1, SeqCst);
    let _open = Open(service);
    service.asked.lock().unwrap().push(batch.len());
    sleep(if service.slow.contains(&call) { Duration::from_secs(10) } else { Duration::from_millis(100) })
        .await;
    if service.overloaded {
        return Err(ServiceError::Overloaded);
    }
    batch.iter().map(|text| vector(text)).collect()
}

fn vector(text: &str) -> Result<Vector, ServiceError> {
    let words = text.split(' ').count();
    if words > 5 {
        return Err(ServiceError::TooLong { words });
    }
    let count = |letters: &str| text.chars().filter(|c| letters.contains(*c)).map(|_| 1.0).sum();
    Ok(["aeiou", "bcdfg", "hjklmn", "pqrstvwxyz"].map(count))
}

#[operator(inline)]
fn batches(texts: &[String], size: usize) -> Vec<Vec<String>> {
    texts.chunks(size).map(<[String]>::to_vec).collect()
}

/// Short, so it stays: a paused clock would go on while the pool works.
#[operator(inline)]
fn normalized(vectors: Vec<Vector>) -> Vec<Vector> {
    let length = |v: &Vector| v.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
    vectors
        .into_iter()
        .map(|v| {
            let length = length(&v);
            v.map(|x| x / length)
        })
        .collect()
}

#[operator]
fn nearest(all: &[Vec<Vector>], query: &[Vector]) -> Option<usize> {
    let query = query.first()?;
    let dot = |v: &Vector| v.iter().zip(query).map(|(x, y)| x * y).sum::<f32>();
    let scores = all.iter().flatten().map(dot).enumerate();
    scores.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number)
}

graph! {
    async fn search(service: Arc<Service>, texts: Vec<String>, query: String, at_once: usize) -> Result<Option<usize>, ember::Error> {
        let question = [query];
        #[hedge(after = "500ms", at_most = 3)]
        let asked = embed(&service, &question).await?;
        let query = normalized(asked);
        let batches = batches(&texts, 2);
        #[concurrency(at_once)]
        let embedded = for batch in &batches {
            #[hedge(after = "500ms")]
            let vectors = embed(&service, batch).await?;
            normalized(vectors)
        };
        let best = nearest(&embedded, &query);
        Ok(best)
    }
}

fn texts() -> Vec<String> {
    ["aaa bbb", "hello hill", "prrr", "queue", "go", "jelly", "zzz zz"].map(str::to_owned).to_vec()
}

#[tokio::test(start_paused = true)]
async fn so_many_batches_at_once_and_the_query_beside_them() {
    for (at_once, millis) in [(1, 400), (2, 200), (4, 100), (9, 100)] {
        let (service, start) = (Service::with_slow_calls(&[]), Instant::now());
        let best = search(service.clone(), texts(), "jelly".to_owned(), at_once).await.unwrap();
        assert_eq!(best, Some(5));
        assert_eq!(start.elapsed(), Duration::from_millis(millis), "{at_once} at once");
        assert_eq!(service.most.load(SeqCst), at_once.min(4) + 1);
        assert_eq!(service.calls.load(SeqCst), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_is_made_again() {
    // The query's first two calls are slow, and so is the first batch's.
    let (service, start) = (Service::with_slow_calls(&[0, 1, 5]), Instant::now());
    let best = search(service.clone(), texts(), "zz".to_owned(), 4).await.unwrap();
    assert_eq!(best, Some(6));
    assert_eq!(start.elapsed(), Duration::from_millis(1100));
    assert_eq!(service.calls.load(SeqCst), 8);
    assert_eq!(service.open.load(SeqCst), 0, "the attempts that lost are gone");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_tried_again() {
    let service = Service::with_slow_calls(&[]);
    let mut texts = texts();
    texts[3] = "one two three four five six".to_owned();
    let error = search(service.clone(), texts, "x".to_owned(), 2).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("embedded[1].vectors", "embed"));
    assert_eq!(error.find(), Some(&ServiceError::TooLong { words: 6 }));
    // No batch starts after it but the one that took its neighbour's place.
    assert!(service.calls.load(SeqCst) <= 4);
    assert_eq!(service.open.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn the_failure_of_the_line_above_is_the_one_that_counts() {
    let mut service = Service::with_slow_calls(&[]);
    Arc::get_mut(&mut service).unwrap().overloaded = true;
    let error = search(service, texts(), "x".to_owned(), 4).await.unwrap_err();
    assert_eq!((error.node(), error.find()), ("asked", Some(&ServiceError::Overloaded)));
}
