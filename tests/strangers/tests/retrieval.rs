//! An ensemble of retrievers that vote; a retriever that fails is left out.

use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Query {
    Words(Vec<String>),
    Phrase { text: String, exact: bool },
    Empty,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    doc: usize,
    score: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Unavailable(&'static str);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is down", self.0)
    }
}

impl std::error::Error for Unavailable {}

#[operator]
fn understand(text: &str) -> Query {
    let text = text.trim();
    if text.is_empty() {
        Query::Empty
    } else if let Some(phrase) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Query::Phrase { text: phrase.to_string(), exact: true }
    } else if text.contains('~') {
        Query::Phrase { text: text.replace('~', " "), exact: false }
    } else {
        Query::Words(text.split_whitespace().map(str::to_lowercase).collect())
    }
}

#[operator]
fn by_word(docs: &[&str], word: &str) -> Vec<Hit> {
    let count = |doc: &str| doc.to_lowercase().matches(word).count();
    docs.iter()
        .enumerate()
        .map(|(doc, text)| Hit { doc, score: count(text) })
        .filter(|hit| hit.score > 0)
        .collect()
}

#[operator]
fn by_phrase(docs: &[&str], phrase: &str, weight: usize) -> Vec<Hit> {
    let hit = |(doc, text): (usize, &&str)| text.contains(phrase).then_some(Hit { doc, score: weight });
    docs.iter().enumerate().filter_map(hit).collect()
}

#[operator]
fn by_length(docs: &[&str]) -> Result<Vec<Hit>, Unavailable> {
    if docs.len() > 3 {
        return Err(Unavailable("by_length"));
    }
    Ok(docs.iter().enumerate().map(|(doc, text)| Hit { doc, score: text.len() % 5 }).collect())
}

#[operator]
fn newest(docs: &[&str]) -> Hit {
    Hit { doc: docs.len() - 1, score: 1 }
}

#[operator]
fn merge(lists: &[Vec<Hit>]) -> Vec<Hit> {
    let mut all: Vec<Hit> = Vec::new();
    for hit in lists.iter().flatten() {
        match all.iter_mut().find(|known| known.doc == hit.doc) {
            Some(known) => known.score += hit.score,
            None => all.push(hit.clone()),
        }
    }
    all.sort_by_key(|hit| (std::cmp::Reverse(hit.score), hit.doc));
    all
}

#[operator]
fn vote(ballots: [&[Hit]; 2], tie: &Hit) -> Hit {
    let best = ballots.iter().filter_map(|list| list.first()).max_by_key(|hit| hit.score);
    best.unwrap_or(tie).clone()
}

#[operator]
fn explain(hit: &Hit, degraded: bool) -> String {
    format!("document {}{}", hit.doc, if degraded { " (degraded)" } else { "" })
}

graph! {
    /// The best document for `text`.
    fn retrieve(docs: &[&str], text: &str) -> (String, usize) {
        let query = understand(text);
        let (fallback, lengths) = (newest(docs), by_length(docs));
        let found = match &query {
            Query::Words(words) => {
                let lists = for word in words { by_word(docs, word) };
                merge(&lists)
            }
            Query::Phrase { text, exact: true } => by_phrase(docs, text, 10),
            Query::Phrase { text, .. } => {
                let [strict, first] = [
                    by_phrase(docs, text, 5),
                    by_word(docs, text.split(' ').next().unwrap_or(text)),
                ];
                merge(&[strict, first])
            }
            Query::Empty => Vec::new(),
        };
        let degraded = lengths.is_err();
        let extra = if let Ok(hits) = &lengths { merge(std::slice::from_ref(hits)) } else { vec![] };
        let best = vote([&found, &extra], &fallback);
        let words = explain(&best, degraded);
        (words, found.len())
    }
}

fn plain(docs: &[&str], text: &str) -> (String, usize) {
    let query = understand(text);
    let (fallback, lengths) = (newest(docs), by_length(docs));
    let found = match &query {
        Query::Words(words) => {
            let lists: Vec<_> = words.iter().map(|word| by_word(docs, word)).collect();
            merge(&lists)
        }
        Query::Phrase { text, exact: true } => by_phrase(docs, text, 10),
        Query::Phrase { text, .. } => {
            let [strict, first] =
                [by_phrase(docs, text, 5), by_word(docs, text.split(' ').next().unwrap_or(text))];
            merge(&[strict, first])
        }
        Query::Empty => Vec::new(),
    };
    let degraded = lengths.is_err();
    let extra = if let Ok(hits) = &lengths { merge(std::slice::from_ref(hits)) } else { vec![] };
    let best = vote([&found, &extra], &fallback);
    let text = explain(&best, degraded);
    (text, found.len())
}

const FEW: [&str; 3] = ["Graphs of nodes", "nodes, nodes, nodes", "a quiet text"];
const MANY: [&str; 4] = ["Graphs of nodes", "nodes, nodes, nodes", "a quiet text", "late"];

#[test]
fn every_kind_of_query_gives_what_the_plain_function_gives() {
    for docs in [&FEW[..], &MANY[..]] {
        for text in ["nodes graphs", "\"quiet text\"", "quiet~text", "  ", "absent"] {
            same_everywhere(&plain(docs, text), || retrieve(docs, text));
        }
    }
}

#[test]
fn a_failed_retriever_only_degrades() {
    assert_eq!(retrieve(&MANY, "nodes").0, "document 1 (degraded)");
}
