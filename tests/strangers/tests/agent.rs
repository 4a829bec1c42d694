//! An agent: a model says what to do next, tools do it, and after so many turns it is enough.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ember::prelude::*;

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Search(&'static str),
    Add(Vec<i64>),
    Done(&'static str),
}

#[derive(Debug, PartialEq)]
struct Nonsense(usize);

impl std::fmt::Display for Nonsense {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nonsense after {} lines", self.0)
    }
}

impl std::error::Error for Nonsense {}

/// Follows a script, and knows about the moon.
struct Model {
    script: Mutex<Vec<Step>>,
    notes: BTreeMap<&'static str, &'static str>,
    journal: Mutex<Vec<String>>,
}

fn model(script: impl IntoIterator<Item = Step>) -> Arc<Model> {
    let mut script: Vec<Step> = script.into_iter().collect();
    script.reverse();
    let notes = BTreeMap::from([("moon", "384 400 km away")]);
    Arc::new(Model { script: Mutex::new(script), notes, journal: Mutex::default() })
}

#[operator]
async fn think(model: &Model, history: &[String]) -> Result<Step, Nonsense> {
    tokio::task::yield_now().await;
    model.script.lock().unwrap().pop().ok_or(Nonsense(history.len()))
}

#[operator]
async fn search(model: &Model, term: &str) -> &'static str {
    tokio::task::yield_now().await;
    model.notes.get(term).copied().unwrap_or("nothing")
}

#[operator]
fn add(numbers: &[i64]) -> Result<i64, String> {
    let sum = numbers.iter().try_fold(0_i64, |sum, n| sum.checked_add(*n));
    sum.ok_or_else(|| "too large".to_owned())
}

#[operator]
#[expect(clippy::unused_async, reason = "a journal elsewhere would be waited for")]
async fn note(model: &Model, line: &str) {
    model.journal.lock().unwrap().push(line.to_owned());
}

graph! {
    async fn solve(model: Arc<Model>, question: String) -> Result<&'static str, ember::Error> {
        let mut history = vec![question];
        #[at_most(4)]
        let answer = loop {
            let step = think(&model, &history).await?;
            let line = match step {
                Step::Search(term) => {
                    let found = search(&model, term).await;
                    format!("{term}: {found}")
                }
                Step::Add(numbers) => {
                    let sum = add(&numbers)?;
                    format!("sum: {sum}")
                }
                Step::Done(answer) => { break answer }
            };
            note(&model, &line).await;
            history.push(line);
        };
        #[after(answer)]
        note(&model, "done").await;
        Ok(answer)
    }
}

#[tokio::test]
async fn tools_are_used_in_turn() {
    let model = model([Step::Search("moon"), Step::Add(vec![1, 2, 3]), Step::Done("six")]);
    assert_eq!(solve(model.clone(), "how far".to_owned()).await.unwrap(), "six");
    assert_eq!(*model.journal.lock().unwrap(), ["moon: 384 400 km away", "sum: 6", "done"]);
}

#[tokio::test]
async fn what_fails_is_named_by_turn_and_branch() {
    let error =
        solve(model([Step::Search("sun"), Step::Add(vec![i64::MAX, 1])]), String::new()).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("answer[1].line.arm1.sum", "add"));

    let error = solve(model([Step::Search("sun")]), String::new()).await.unwrap_err();
    assert_eq!((error.node(), error.find()), ("answer[1].step", Some(&Nonsense(2))));
}

#[tokio::test]
async fn after_four_turns_it_is_enough() {
    let model = model(vec![Step::Search("moon"); 9]);
    let error = solve(model.clone(), String::new()).await.unwrap_err();
    assert!(error.is_loop_bound(), "{error}");
    assert_eq!(model.journal.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn it_stops_between_turns() {
    let cx = Context::builder().build();
    cx.cancel();
    let model = model([Step::Done("never")]);
    let error = cx.scope(|| solve(model.clone(), String::new())).await.unwrap_err();
    assert!(error.is_cancelled(), "{error}");
    assert_eq!(model.script.lock().unwrap().len(), 1);
}
