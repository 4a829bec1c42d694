//! The witnesses: five small ways to tell a language.

use std::{cmp::Reverse, collections::HashMap, sync::LazyLock};

use ember::operator;

use crate::languages::{LANGUAGES, Language, traits};

/// What one witness says of one text.
#[derive(Debug)]
pub(crate) struct Testimony {
    /// The language; nothing if two or more are equally likely.
    pub(crate) language: Option<Language>,
    /// How far it is ahead of the second best, in percent of its own score.
    pub(crate) certainty: u32,
}

/// Compares the groups of three letters with those of a sample of each language, after Cavnar and Trenkle,
/// *N-gram-based text categorization* (1994).
#[operator]
pub(crate) fn by_trigrams(text: &str) -> Testimony {
    let seen = counts(trigrams(text));
    testimony(|language| similarity(&seen, &PROFILES[&language].trigrams))
}

/// Compares how often each letter occurs with a sample of each language.
#[operator]
pub(crate) fn by_letters(text: &str) -> Testimony {
    let seen = counts(letters(text));
    testimony(|language| similarity(&seen, &PROFILES[&language].letters))
}

/// Counts the small words that no text does without.
#[operator]
pub(crate) fn by_stop_words(text: &str) -> Testimony {
    testimony(|language| {
        let known = || traits(language).stop_words.split(' ');
        words(text).filter(|word| known().any(|known| known == word)).count()
    })
}

/// Counts words with the endings of a language.
#[operator]
pub(crate) fn by_endings(text: &str) -> Testimony {
    testimony(|language| {
        let known = || traits(language).endings.split(' ');
        words(text)
            .filter(|word| known().any(|known| word.len() > known.len() && word.ends_with(known)))
            .count()
    })
}

/// Looks for letters and marks that few languages have. Silent on plain ASCII.
#[operator]
pub(crate) fn by_marks(text: &str) -> Testimony {
    let lower = text.to_lowercase();
    testimony(|language| lower.chars().filter(|c| traits(language).marks.contains(*c)).count())
}

/// Names the language with the highest score.
fn testimony(score: impl Fn(Language) -> usize) -> Testimony {
    let mut scores = LANGUAGES.map(|language| (score(language), language));
    scores.sort_by_key(|(score, _)| Reverse(*score));
    let [(first, language), (second, _), ..] = scores;
    let lead = (first - second) * 100 / first.max(1);
    let language = (first > second).then_some(language);
    Testimony { language, certainty: u32::try_from(lead).unwrap_or(100) }
}

/// The cosine of the angle between two tables of counts, in ten-thousandths: in whole numbers, because a sum of
/// floats depends on its order and a hash map has none.
fn similarity(a: &Counts, b: &Counts) -> usize {
    let square = |counts: &Counts| counts.values().map(|count| count * count).sum::<u64>();
    let product: u64 = a.iter().map(|(key, count)| count * b.get(key).copied().unwrap_or_default()).sum();
    let squared = u128::from(product).pow(2) * 100_000_000 / u128::from(square(a) * square(b)).max(1);
    usize::try_from(squared.isqrt()).unwrap_or_default()
}

type Counts = HashMap<String, u64>;

fn counts(keys: impl Iterator<Item = String>) -> Counts {
    let mut counts = Counts::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn letters(text: &str) -> impl Iterator<Item = String> {
    text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).map(String::from)
}

/// Groups of three letters, with a space at both ends of a word.
fn trigrams(text: &str) -> impl Iterator<Item = String> {
    words(text).flat_map(|word| {
        let padded: Vec<char> = format!(" {word} ").chars().collect();
        let groups: Vec<String> = padded.windows(3).map(|group| group.iter().collect()).collect();
        groups
    })
}

struct Profile {
    letters: Counts,
    trigrams: Counts,
}

/// Made by the witness that asks first; one that asks meanwhile waits.
static PROFILES: LazyLock<HashMap<Language, Profile>> = LazyLock::new(|| {
    let profile = |language| {
        let sample = traits(language).sample;
        (language, Profile { letters: counts(letters(sample)), trigrams: counts(trigrams(sample)) })
    };
    LANGUAGES.into_iter().map(profile).collect()
});
