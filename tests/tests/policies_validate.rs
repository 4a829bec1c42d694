//! `validate` on an operator: what is not valid does not reach it, or does not leave it.
#![allow(
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::float_cmp,
    reason = "the operators are as plain as can be"
)]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use ember::{
    policy::{Problem, Problems},
    prelude::*,
};
use garde::Validate;

#[derive(Debug, thiserror::Error)]
#[error("down")]
struct Down;

#[derive(Validate)]
struct Question {
    #[garde(length(min = 1))]
    text: String,
    #[garde(range(max = 10))]
    drafts: u32,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

#[operator(validate)]
fn answer(calls: u32, question: &Question) -> Result<usize, Down> {
    CALLS.fetch_add(calls, SeqCst);
    Ok(question.text.len())
}

#[operator(validate(question, times = |times| *times > 0, returns = |length| *length < 10))]
async fn longer(question: &Question, times: usize) -> Result<usize, Down> {
    Ok(question.text.len() * times)
}

#[operator(validate(host = |host| !host.is_empty() && host.split('.').all(|part| { part.len() < 64 })))]
fn resolve(host: &str) -> Result<usize, Down> {
    Ok(host.len())
}

graph! {
    fn resolved(host: &str) -> Result<usize, ember::Error> {
        let length = resolve(host)?;
        Ok(length)
    }

    fn answered(question: &Question) -> Result<usize, ember::Error> {
        let length = answer(1, question)?;
        Ok(length)
    }

    async fn lengthened(question: &Question, times: usize) -> Result<usize, ember::Error> {
        let length = longer(question, times).await?;
        Ok(length)
    }
}

fn question(text: &str, drafts: u32) -> Question {
    Question { text: text.to_owned(), drafts }
}

#[test]
fn r12_what_is_not_valid_does_not_reach_the_operator_and_the_error_names_the_field() {
    assert_eq!(answered(&question("why", 3)).unwrap(), 3);
    let error = answered(&question("", 30)).unwrap_err();
    assert!(error.is_invalid() && !error.is_rejected());
    assert_eq!(
        error.to_string(),
        "node `length` (operator `answer`) of graph `answered` has a value that is not valid"
    );
    let mut paths: Vec<&str> = error.find::<Problems>().unwrap().iter().map(Problem::path).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["question.drafts", "question.text"]);
    assert_eq!(CALLS.load(SeqCst), 1);
}

#[tokio::test]
async fn r12_conditions_are_asked_of_arguments_and_of_what_comes_out() {
    assert_eq!(lengthened(&question("why", 3), 2).await.unwrap(), 6);
    let told = |error: ember::Error| error.find::<Problems>().unwrap().to_string();
    assert_eq!(
        told(lengthened(&question("why", 3), 0).await.unwrap_err()),
        "times: must satisfy `*times > 0`"
    );
    assert_eq!(
        told(lengthened(&question("why", 3), 4).await.unwrap_err()),
        "returns: must satisfy `*length < 10`"
    );
}

#[test]
fn r12_a_condition_is_told_as_it_is_written() {
    assert_eq!(resolved("localhost").unwrap(), 9);
    let problems = resolved("").unwrap_err().find::<Problems>().unwrap().to_string();
    let written = "!host.is_empty() && host.split('.').all(|part| { part.len() < 64 })";
    assert_eq!(problems, format!("host: must satisfy `{written}`"));
}
