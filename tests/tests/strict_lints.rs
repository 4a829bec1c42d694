//! A crate that is strict about lints stays clean.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, missing_docs, missing_debug_implementations)]
#![deny(
    rust_2018_idioms,
    unused,
    unreachable_pub,
    unused_qualifications,
    single_use_lifetimes,
    trivial_casts
)]
#![deny(
    elided_lifetimes_in_paths,
    let_underscore_drop,
    non_ascii_idents,
    unused_results,
    variant_size_differences
)]

use ember::prelude::*;
use ember_tests::everywhere;

/// Splits.
#[must_use]
#[operator]
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Counts.
#[must_use]
#[operator]
pub fn count(words: &[&str]) -> usize {
    words.len()
}

const fn less(count: usize) -> usize {
    count - 1
}

/// Reads.
///
/// # Errors
///
/// When the text is no number.
#[operator]
pub fn number(text: &str) -> Result<usize, std::num::ParseIntError> {
    text.parse()
}

/// Asks.
#[must_use]
#[operator]
pub fn id(cx: &Context) -> String {
    cx.correlation_id().to_owned()
}

/// Asks, and waits for it.
#[operator]
pub async fn ask(n: usize) -> usize {
    std::future::ready(n).await
}

/// Notes.
#[operator]
pub async fn note(n: usize) {
    let _ = std::future::ready(n).await;
}

/// Talks.
#[derive(Debug)]
pub struct Client {
    /// To whom.
    pub host: String,
}

impl Client {
    /// Reads.
    ///
    /// # Errors
    ///
    /// When the text is no number.
    #[operator(idempotent, retry(attempts = 2, backoff = none), breaker(key = |this| this.host.clone()))]
    pub fn read(&self, text: &str) -> Result<usize, std::num::ParseIntError> {
        let number: usize = text.parse()?;
        Ok(number + self.host.len())
    }

    /// Reads, and waits for it.
    ///
    /// # Errors
    ///
    /// When the text is no number.
    #[operator(timeout = "2s", fallback = 0, cache(key = |this, text| (this.host.clone(), text.to_owned())))]
    pub async fn read_later(&self, text: &str) -> Result<usize, std::num::ParseIntError> {
        let number: usize = std::future::ready(text).await.parse()?;
        Ok(number + self.host.len())
    }
}

const fn next(n: usize) -> usize {
    n + 1
}

graph! {
    /// Braces at a head make plain Rust, and are not superfluous.
    #[must_use]
    pub fn braces(text: &str) -> usize {
        let split = words(text);
        let mut n = { next(split.len()) };
        n = { next(n) };
        let m = if { next(n) } > 3 { { next(n) } } else { count(&split) };
        let k = match { next(m) } {
            0 => { { next(m) } }
            _ => count(&split),
        };
        { next(k) }
    }

    /// The same where nodes wait.
    pub async fn braces_that_wait(first: usize) -> usize {
        let mut n = ask(first).await;
        n = { next(n) };
        let m = if { next(n) } > 3 { { next(n) } } else { ask(n).await };
        let later = ask(m).await;
        { next(later) }
    }

    /// Ends in a call without a value.
    pub async fn noted(first: usize) {
        let n = ask(first).await;
        note(n).await
    }

    /// Everything at once.
    ///
    /// # Errors
    ///
    /// When a word is no number.
    pub fn strict(text: &str, limit: usize) -> Result<(usize, String), ember::Error> {
        let split = words(text);
        let size = count(&split);
        let name = id();
        let numbers = for word in &split { number(word)? };
        let most = if size > limit { let first = number(split[0])?; first + 1 } else { numbers.len() };
        let told = match most {
            0 => words("none"),
            _ => words(text),
        };
        let mut left = count(&told);
        #[at_most(100)]
        let done = loop {
            if left < 2 { break left }
            left = { less(left) };
        };
        let (a, b) = (count(&split), count(&told));
        Ok((a + b + done, name))
    }

    /// Methods have policies.
    ///
    /// # Errors
    ///
    /// When the text is no number.
    pub async fn methods(client: &Client, text: &str) -> Result<usize, ember::Error> {
        let later = client.read_later(text).await?;
        Ok(later)
    }

    /// Nothing fails here.
    #[must_use]
    pub fn infallible(text: &str) -> usize {
        let split = words(text);
        let size = count(&split);
        let again = count(&split);
        size + again
    }
}

#[test]
fn a_strict_crate_can_use_graphs() {
    everywhere(|_| {
        assert_eq!(strict("1 2 3", 5).unwrap().0, 7);
        assert!(strict("1 x", 5).is_err());
        assert_eq!(infallible("a b"), 4);
        assert_eq!(braces("a b c"), 4);
    });
    let client = Client { host: "here".to_owned() };
    assert_eq!(client.read("3").unwrap(), 7);
    assert_eq!(run(methods(&client, "3")).unwrap(), 7);
    run(noted(1));
    assert_eq!(run(braces_that_wait(2)), 5);
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
