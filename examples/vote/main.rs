//! Five witnesses and a vote: in which language is a text written?
//!
//! Each witness looks at another trait of the text, and each is easily fooled alone. None waits for another, so
//! the graph runs them side by side.
//!
//! ```console
//! $ cargo run -p ember-examples --example vote
//! $ cargo run -p ember-examples --example vote -- "Guten Morgen" "où est la gare ?"
//! ```

mod languages;
mod witnesses;

use ember::{graph_fn, operator};

use languages::{LANGUAGES, Language, SAMPLES};
use witnesses::{Testimony, by_endings, by_letters, by_marks, by_stop_words, by_trigrams};

/// What the vote came to.
#[derive(Debug)]
struct Verdict {
    language: Option<Language>,
    /// How many witnesses name the language.
    votes: usize,
    /// Their certainty, in percent, shared out among all five: who is silent or disagrees counts as doubt.
    confidence: u32,
    testimonies: [Testimony; 5],
}

const WITNESSES: [&str; 5] = ["trigrams", "stop words", "letters", "endings", "marks"];

/// Hears five witnesses of one text and lets them vote.
///
/// `#[graph_fn]` is `graph!` as an attribute, for those who want `rustfmt` to format their graphs.
#[graph_fn]
fn identify(text: &str) -> Verdict {
    let trigrams = by_trigrams(text);
    let words = by_stop_words(text);
    let letters = by_letters(text);
    let endings = by_endings(text);
    let marks = by_marks(text);
    vote([trigrams, words, letters, endings, marks])
}

/// Takes the language with the most votes; of several, the one whose witnesses are surest, and at last the one
/// that stands first in [`LANGUAGES`].
#[operator]
fn vote(testimonies: [Testimony; 5]) -> Verdict {
    let tally = |language| {
        let sure =
            || testimonies.iter().filter(|one| one.language == Some(language)).map(|one| one.certainty);
        (sure().count(), sure().sum::<u32>())
    };
    // `max_by_key` takes the last of equals, hence the reverse.
    let best = LANGUAGES.into_iter().rev().max_by_key(|language| tally(*language));
    let language = best.filter(|language| tally(*language).0 > 0);
    let (votes, certainty) = language.map_or((0, 0), tally);
    Verdict { language, votes, confidence: certainty / 5, testimonies }
}

fn main() {
    let texts: Vec<String> = std::env::args().skip(1).collect();
    if texts.is_empty() {
        return judge_samples();
    }
    for text in &texts {
        show(text, &identify(text));
    }
}

/// Shows why one asks five: alone, each witness is wrong or silent more often than the vote.
fn judge_samples() {
    let mut right = [0; 6];
    for (language, text) in SAMPLES {
        let verdict = identify(text);
        let mistake =
            if verdict.language == Some(language) { String::new() } else { format!("  <- {language:?}!") };
        println!("{}  {text}{mistake}", summary(&verdict));
        let said = verdict.testimonies.iter().map(|one| one.language).chain([verdict.language]);
        for (right, said) in right.iter_mut().zip(said) {
            *right += u32::from(said == Some(language));
        }
    }
    println!("\nRight of {} times:", SAMPLES.len());
    for (name, right) in WITNESSES.into_iter().chain(["the vote"]).zip(right) {
        println!("  {name:10} {right:2}");
    }
}

/// Shows what each witness says of a text, and how far its language is ahead of its second choice.
fn show(text: &str, verdict: &Verdict) {
    println!("{text:?}");
    for (name, one) in WITNESSES.iter().zip(&verdict.testimonies) {
        match one.language {
            Some(language) => println!("  {name:10} {:8} ahead by {:3} %", said(language), one.certainty),
            None => println!("  {name:10} cannot tell"),
        }
    }
    println!("  => {}\n", summary(verdict));
}

fn summary(verdict: &Verdict) -> String {
    let language = verdict.language.map_or("unknown".to_owned(), said);
    format!("{language:8} {:2} % confident, {} of 5 votes", verdict.confidence, verdict.votes)
}

fn said(language: Language) -> String {
    format!("{language:?}")
}
