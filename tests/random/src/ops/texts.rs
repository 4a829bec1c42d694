//! Operators on texts: borrowed in, owned or borrowed out, moved in.

use std::num::ParseIntError;

use ember::operator;

/// The longest text that an operator makes, in characters.
const LONGEST: usize = 48;

fn short(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// A text out of nothing.
#[operator]
pub fn greeting() -> &'static str {
    "good day"
}

/// In capitals.
#[operator]
pub fn up(text: &str) -> String {
    short(&text.to_uppercase())
}

/// The words of a text, borrowed from it.
#[operator]
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The longest word, borrowed from what the words are borrowed from.
#[operator]
pub fn longest<'a>(words: &[&'a str]) -> &'a str {
    words.iter().copied().max_by_key(|word| word.len()).unwrap_or("nothing")
}

/// The first word, if there is one.
#[operator]
pub fn head<'a>(words: &[&'a str]) -> Option<&'a str> {
    words.first().copied()
}

/// One of two texts, borrowed from either.
#[operator]
pub fn either<'a>(left: &'a str, right: &'a str, first: bool) -> &'a str {
    if first { left } else { right }
}

/// What stands before and after the first space.
#[operator]
pub fn halves(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

/// Both texts, one after the other.
#[operator]
pub fn cat(left: &str, right: &str) -> String {
    short(&format!("{left} {right}"))
}

/// A text with a number.
#[operator]
pub fn label(text: &str, n: usize) -> String {
    format!("{}#{n}", short(text))
}

/// Its parameter has the name of the operator itself.
#[operator]
pub fn phrase(phrase: &str) -> String {
    format!("<{}>", short(phrase))
}

/// All texts, joined.
#[operator]
pub fn gather(parts: &[String]) -> String {
    short(&parts.join("+"))
}

/// Takes a text and leaves its length.
#[operator]
pub fn seal(text: String) -> usize {
    text.len()
}

/// Takes words and leaves how many there were.
#[operator]
pub fn drain(words: Vec<&str>) -> usize {
    words.len() + 1
}

/// Anything that reads as a text.
#[operator]
pub fn measure<T: AsRef<str>>(text: T) -> usize {
    text.as_ref().chars().count()
}

/// Takes a text and gives another.
#[operator]
pub fn polish(text: String) -> String {
    short(&text.replace('o', "0"))
}

/// Two results at once.
#[operator]
pub fn count_apart(text: String) -> (String, usize) {
    let count = text.len();
    (text.to_lowercase(), count)
}

/// The number that a text spells.
///
/// # Errors
/// The text is no number.
#[operator]
pub fn number(text: &str) -> Result<usize, ParseIntError> {
    text.trim().parse::<u16>().map(usize::from)
}
