//! Search by meaning: a model embeds many texts at once, and calls of many searches become few requests.

use std::sync::Arc;
use std::time::Duration;

use ember::TokioClock;
use ember::prelude::*;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

#[derive(Clone, Debug, PartialEq)]
struct Overloaded;

impl std::fmt::Display for Overloaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the model is overloaded")
    }
}

impl std::error::Error for Overloaded {}

/// The letters that a text has.
type Vector = [bool; 26];

struct Model {
    name: &'static str,
    requests: std::sync::Mutex<Vec<usize>>,
}

fn model(name: &'static str) -> Arc<Model> {
    Arc::new(Model { name, requests: std::sync::Mutex::default() })
}

#[operator(batch(max = 16, wait = "5ms", key = |model| model.name))]
async fn embed(texts: Vec<String>, model: Arc<Model>) -> Result<Vec<Vector>, Overloaded> {
    model.requests.lock().unwrap().push(texts.len());
    sleep(Duration::from_millis(20)).await;
    if texts.iter().any(|text| text == "overload") {
        return Err(Overloaded);
    }
    let vector =
        |text: &String| std::array::from_fn(|n| text.bytes().any(|byte| usize::from(byte) == n + 97));
    Ok(texts.iter().map(vector).collect())
}

#[operator(inline)]
fn overlap(a: &Vector, b: &Vector) -> usize {
    a.iter().zip(b).filter(|(a, b)| **a && **b).count()
}

#[operator(inline)]
fn nearest(scores: &[usize]) -> Option<usize> {
    (0..scores.len()).max_by_key(|&n| (scores[n], std::cmp::Reverse(n)))
}

graph! {
    async fn search(model: Arc<Model>, query: String, texts: Vec<String>) -> Result<Option<usize>, ember::Error> {
        let query = embed(query, model.clone()).await?;
        let vectors = for text in texts { embed(text, model.clone()).await? };
        let scores = for vector in &vectors { overlap(&query, vector) };
        let best = nearest(&scores);
        Ok(best)
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn context() -> Context {
    Context::builder().clock(TokioClock).build()
}

#[tokio::test(start_paused = true)]
async fn a_search_asks_once_for_sixteen_texts() {
    let (model, start) = (model("large"), Instant::now());
    let words = texts(&["fish", "bird", "birdsong", "song"]);
    let many = words.iter().cycle().take(20).cloned().collect();
    let best = context().scope(|| search(model.clone(), "a song of birds".to_owned(), many)).await.unwrap();
    assert_eq!(best, Some(2));
    // 16 at once, and the other five when nobody else came for five milliseconds.
    assert_eq!(*model.requests.lock().unwrap(), [16, 5]);
    assert_eq!(start.elapsed(), Duration::from_millis(25));
}

#[tokio::test(start_paused = true)]
async fn searches_share_requests_of_their_model_alone() {
    let models = [model("small"), model("medium")];
    let mut searches = JoinSet::new();
    for n in 0..16 {
        let words = texts(&["x", "y", "z"]);
        searches.spawn(context().scope(|| search(models[n % 2].clone(), "y".to_owned(), words)));
    }
    assert_eq!(searches.join_all().await.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [Some(1); 16]);
    for model in models {
        assert_eq!(*model.requests.lock().unwrap(), [16, 16]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_is_a_failure_of_each_text_in_it() {
    let words = texts(&["fine", "overload"]);
    let error = context().scope(|| search(model("tiny"), "q".to_owned(), words)).await.unwrap_err();
    assert_eq!((error.node(), error.find()), ("query", Some(&Overloaded)));
    assert_eq!(error.nodes().finished, 0);
}
