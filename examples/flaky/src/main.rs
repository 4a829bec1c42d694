//! A service that fails, recovers and is hammered, behind a timeout, retries, a breaker, a limit and a fallback; and a
//! picture of how that went.
//!
//! ```console
//! $ cargo run -p ember-flaky -- flaky.svg
//! ```

mod plot;
mod service;

use std::process::ExitCode;
use std::time::Duration;

use ember::policy::BreakerState;
use ember::{TokioClock, prelude::*};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use self::plot::{End, plot};
use self::service::{Down, END, Service};

/// What is said when there is no answer to be had.
const UNKNOWN: u32 = u32::MAX;

/// Asks the service: each attempt at most 400 ms, three of them within 2 s; not while it keeps failing; at most eight at
/// once, and eight that wait for their turn.
#[operator(
    idempotent,
    timeout = "400ms",
    deadline = "2s",
    retry(attempts = 3, backoff = exponential("50ms", cap = "400ms"), jitter = none),
    breaker(window = "2s", min_calls = 8, failure_rate = 0.5, open = "1500ms", probes = 2),
    limit(concurrency = 8, queue = 8),
    fallback(with = |failure| if failure.is_cancelled() { Err(Down) } else { Ok(UNKNOWN) })
)]
async fn ask(service: Service, question: u32) -> Result<u32, Down> {
    service.answer(question).await
}

/// Makes a sentence of it.
#[operator(inline)]
fn tell(question: u32, answer: u32) -> String {
    if answer == UNKNOWN {
        format!("{question}: nobody knows right now")
    } else {
        format!("{question}: {answer}")
    }
}

graph! {
    /// Answers a question.
    async fn answer(service: Service, question: u32) -> Result<String, ember::Error> {
        let answer = ask(service, question).await?;
        let told = tell(question, answer);
        Ok(told)
    }
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> ExitCode {
    let service = Service::start();
    let watch = tokio::spawn(watch(service.clone()));
    let mut people = JoinSet::new();
    for question in 0.. {
        let pause = if service.phase() == "hammered" { 12 } else { 80 };
        sleep(Duration::from_millis(pause)).await;
        if service.time() >= END {
            break;
        }
        people.spawn(person(service.clone(), question));
    }
    people.join_all().await;
    watch.abort();

    let seen = service.seen();
    let count = |end: End| seen.questions.iter().filter(|(.., how)| *how == end).count();
    let again = seen.calls.iter().filter(|(_, again)| *again).count();
    println!(
        "{} questions: {} answered, {} by the fallback, {} failed; {} calls of the service, {again} of them again; the \
         breaker turned {} away, the limit {}",
        seen.questions.len(),
        count(End::Answered),
        count(End::Degraded),
        count(End::Failed),
        seen.calls.len(),
        ask::breaker().counts().rejected,
        ask::concurrency().refused(),
    );
    if let Some(file) = std::env::args().nth(1)
        && let Err(error) = std::fs::write(&file, plot(&seen, END))
    {
        eprintln!("cannot write {file}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A context whose time is tokio's.
fn context() -> Context {
    Context::builder().clock(TokioClock).build()
}

/// Asks one question.
async fn person(service: Service, question: u32) {
    let started = Instant::now();
    let asked = context().scope(|| answer(service.clone(), question));
    let end = match asked.await {
        Ok(told) if told.ends_with("right now") => End::Degraded,
        Ok(_) => End::Answered,
        Err(_) => End::Failed,
    };
    let took = started.elapsed();
    service.note(|seen, time| seen.questions.push((time.saturating_sub(took), took, end)));
}

/// Notes the state of the breaker whenever it changes.
async fn watch(service: Service) {
    let mut known = "";
    loop {
        let state = match context().scope(|| ask::breaker().state()) {
            BreakerState::Closed => "closed",
            BreakerState::HalfOpen => "half-open",
            _ => "open",
        };
        if state != known {
            service.note(|seen, time| seen.states.push((time, state)));
            known = state;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
