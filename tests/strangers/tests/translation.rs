//! A translation service: sentences go to whichever client the program was built with, terms are looked up beside them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::prelude::*;
use tokio::time::{Instant, sleep};

/// What a service for translations can do, over whatever wire.
trait Client: Send + Sync + 'static {
    type Error: std::error::Error + Send + Sync + 'static;

    fn detect(&self, text: &str) -> impl Future<Output = Result<Language, Self::Error>> + Send;

    fn translate(
        &self,
        sentence: &str,
        from: Language,
        to: Language,
    ) -> impl Future<Output = Result<String, Self::Error>> + Send;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    English,
    German,
}

#[derive(Clone, Debug, PartialEq)]
struct Translated {
    from: Language,
    text: String,
    replaced: usize,
}

#[operator]
fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive('.').map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

#[operator]
async fn detect<C: Client>(client: &C, text: &str) -> Result<Language, C::Error> {
    client.detect(text).await
}

#[operator]
async fn translate<C: Client>(
    client: &C,
    sentence: &str,
    from: Language,
    to: Language,
) -> Result<String, C::Error> {
    client.translate(sentence, from, to).await
}

/// Puts the terms of the glossary in, and counts them.
#[operator]
fn apply_terms(sentence: String, glossary: &BTreeMap<String, String>) -> (String, usize) {
    let mut count = 0;
    let text = glossary.iter().fold(sentence, |text, (term, better)| {
        count += text.matches(term.as_str()).count();
        text.replace(term, better)
    });
    (text, count)
}

#[operator(inline)]
fn total(parts: &[(String, usize)]) -> usize {
    parts.iter().map(|(_, count)| count).sum()
}

#[graph_fn]
async fn translated<C: Client>(
    client: Arc<C>,
    glossary: Arc<BTreeMap<String, String>>,
    text: String,
    to: Language,
) -> Result<Translated, ember::Error> {
    let from = detect(&*client, &text).await?;
    let sentences = sentences(&text);
    #[concurrency(8)]
    let parts = for sentence in sentences {
        let raw =
            if from == to { sentence.to_owned() } else { translate(&*client, sentence, from, to).await? };
        apply_terms(raw, &glossary)
    };
    let replaced = total(&parts);
    let text = parts.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
    Ok(Translated { from, text, replaced })
}

/// Knows three words, and takes a while for each sentence.
#[derive(Default)]
struct Dictionary {
    calls: AtomicUsize,
}

#[derive(Debug, PartialEq, Eq)]
struct NoWord(String);

impl std::fmt::Display for NoWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no word for {}", self.0)
    }
}

impl std::error::Error for NoWord {}

impl Client for Dictionary {
    type Error = NoWord;

    async fn detect(&self, text: &str) -> Result<Language, NoWord> {
        sleep(Duration::from_millis(20)).await;
        Ok(if text.contains("Haus") { Language::German } else { Language::English })
    }

    async fn translate(&self, sentence: &str, from: Language, to: Language) -> Result<String, NoWord> {
        self.calls.fetch_add(1, SeqCst);
        assert_ne!(from, to);
        sleep(Duration::from_millis(100)).await;
        let words = sentence.trim_end_matches('.').split(' ').map(|word| match word {
            "Das" => Ok("The"),
            "Haus" => Ok("house"),
            "brennt" => Ok("burns"),
            _ => Err(NoWord(word.to_owned())),
        });
        Ok(words.collect::<Result<Vec<_>, _>>()?.join(" ") + ".")
    }
}

/// Has no network, hence no error: all is in upper case.
struct Shouting;

impl Client for Shouting {
    type Error = std::convert::Infallible;

    async fn detect(&self, _: &str) -> Result<Language, Self::Error> {
        Ok(Language::German)
    }

    async fn translate(&self, sentence: &str, _: Language, _: Language) -> Result<String, Self::Error> {
        Ok(sentence.to_uppercase())
    }
}

fn glossary() -> Arc<BTreeMap<String, String>> {
    Arc::new(BTreeMap::from([("house".to_owned(), "villa".to_owned())]))
}

#[tokio::test(start_paused = true)]
async fn sentences_are_translated_side_by_side_and_stay_in_order() {
    let (client, start) = (Arc::new(Dictionary::default()), Instant::now());
    let text = "Das Haus brennt. Das brennt. Haus.".to_owned();
    let done = translated(client.clone(), glossary(), text, Language::English).await.unwrap();
    assert_eq!(done.text, "The villa burns. The burns. villa.");
    assert_eq!((done.from, done.replaced), (Language::German, 2));
    assert_eq!(client.calls.load(SeqCst), 3);
    assert_eq!(start.elapsed(), Duration::from_millis(120));
}

#[tokio::test(start_paused = true)]
async fn another_client_another_error_type() {
    let done =
        translated(Arc::new(Shouting), glossary(), "a house.".to_owned(), Language::English).await.unwrap();
    assert_eq!(done.text, "A HOUSE.");
    let kept =
        translated(Arc::new(Shouting), glossary(), "a house.".to_owned(), Language::German).await.unwrap();
    assert_eq!(kept, Translated { from: Language::German, text: "a villa.".to_owned(), replaced: 1 });
}

#[tokio::test(start_paused = true)]
async fn the_sentence_that_fails_is_named() {
    let text = "Haus. Das Boot. Das Auto.".to_owned();
    let error =
        translated(Arc::new(Dictionary::default()), glossary(), text, Language::English).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("parts[1].raw.else", "translate"));
    assert_eq!(error.find(), Some(&NoWord("Boot".to_owned())));
}

/// A future of a generic graph may be spawned, as the bounds of the trait say `Send`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_tasks() {
    let texts = ["eins.", "zwei. drei.", ""];
    let tasks = texts.map(|text| {
        tokio::spawn(translated(Arc::new(Shouting), glossary(), text.to_owned(), Language::English))
    });
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap().unwrap().text);
    }
    assert_eq!(all, ["EINS.", "ZWEI. DREI.", ""]);
}
