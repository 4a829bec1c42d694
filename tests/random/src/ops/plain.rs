//! Plain functions: glue calls them, nested in an argument or as `{ twice(n) }`.

/// Twice the number.
pub fn twice(n: usize) -> usize {
    n % 997 * 2
}

/// The text without the white space around it.
pub fn trimmed(text: &str) -> &str {
    text.trim()
}

/// Both texts, at most 24 characters of each.
pub fn joined(left: &str, right: &str) -> String {
    left.chars().take(24).chain("/".chars()).chain(right.chars().take(24)).collect()
}
