//! Who calls the service: many at a time, as a real client does.

use reqwest::StatusCode;

use crate::api::{CORRELATION_ID, Problem};
use crate::graph::{Basket, Line, Quote};

/// What became of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many had a quote.
    pub quotes: usize,
    /// The correlation ids of those who had none, with what they were told.
    pub failures: Vec<(String, String)>,
}

/// Sends so many requests, `at_once` of them at the same time.
///
/// # Errors
///
/// If the service is not to be reached.
pub async fn run(service: &str, requests: usize, at_once: usize) -> reqwest::Result<Outcome> {
    let http = reqwest::Client::new();
    let at_once = at_once.max(1);
    let callers: Vec<_> = (0..at_once)
        .map(|first| {
            let (http, url) = (http.clone(), format!("{service}/quotes"));
            tokio::spawn(async move {
                let mut outcome = Outcome::default();
                for number in (first..requests).step_by(at_once) {
                    call(&http, &url, number, &mut outcome).await?;
                }
                Ok::<_, reqwest::Error>(outcome)
            })
        })
        .collect();
    let mut all = Outcome::default();
    for caller in callers {
        let Ok(outcome) = caller.await else { continue };
        let Outcome { quotes, failures } = outcome?;
        all.quotes += quotes;
        all.failures.extend(failures);
    }
    Ok(all)
}

async fn call(
    http: &reqwest::Client,
    url: &str,
    number: usize,
    outcome: &mut Outcome,
) -> reqwest::Result<()> {
    let id = format!("order-{number}");
    let response = http.post(url).header(CORRELATION_ID, &id).json(&basket(number)).send().await?;
    if response.status() == StatusCode::OK {
        let _: Quote = response.json().await?;
        outcome.quotes += 1;
    } else {
        let problem: Problem = response.json().await?;
        outcome.failures.push((problem.correlation_id, problem.error));
    }
    Ok(())
}

fn basket(number: usize) -> Basket {
    let line =
        |article: usize| Line { article: format!("a-{}", article % 50), pieces: 1 + article as u64 % 3 };
    Basket {
        customer: number as u64 % 200,
        country: if number.is_multiple_of(3) { "DE".to_owned() } else { "FR".to_owned() },
        lines: (number..number + 1 + number % 4).map(line).collect(),
    }
}
