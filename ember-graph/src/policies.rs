//! The policies of a node: those of its operator, as its line leaves them.

#[cfg(test)]
mod tests;

use crate::Node;
use crate::picture::text::clean;

/// A policy, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Policy<'a> {
    /// Its name, such as `retry`.
    pub name: &'a str,
    /// What it is set to, as written: `3`, `2s`, or `attempts = 3, backoff = none`; empty where nothing is said.
    pub value: &'a str,
}

/// What is said of the policies of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    operator: &'a [Policy<'a>],
    line: &'a [Policy<'a>],
    without: &'a [&'a str],
}

impl Said<'_> {
    /// Nothing.
    pub(crate) const NONE: Self = Self { operator: &[], line: &[], without: &[] };
}

/// All policies, the outermost first.
const ORDER: [&str; 11] = [
    "validate",
    "fallback",
    "cache",
    "deadline",
    "retry",
    "breaker",
    "rate",
    "concurrency",
    "timeout",
    "batch",
    "isolate",
];

/// Values up to so many letters stand in pictures.
const SHORT: usize = 12;

impl<'a> Node<'a> {
    /// The policies around the node's operator, the outermost first. What its line says takes the place of what the operator
    /// says, and what it goes without is not there.
    ///
    /// A method has none. In the picture of a graph's documentation are only those of the lines, as the macro that draws it
    /// knows no other item.
    pub fn policies(&self) -> impl Iterator<Item = Policy<'a>> {
        let Said { operator, line, without } = self.said;
        let of = |said: &'a [Policy<'a>], name: &str| said.iter().find(|policy| policy.name == name).copied();
        ORDER.into_iter().filter_map(move |name| {
            of(line, name).or_else(|| of(operator, name).filter(|_| !without.contains(&name)))
        })
    }

    /// What the operator says, whatever its line does.
    #[doc(hidden)]
    #[must_use]
    pub const fn __of_operator(&self) -> &'a [Policy<'a>] {
        self.said.operator
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __policies(
        mut self,
        operator: &'a [Policy<'a>],
        line: &'a [Policy<'a>],
        without: &'a [&'a str],
    ) -> Self {
        self.said = Said { operator, line, without };
        self
    }
}

#[doc(hidden)]
impl<'a> Policy<'a> {
    pub const fn __new(name: &'a str, value: &'a str) -> Self {
        Self { name, value }
    }
}

/// The policies of a node in one line: `retry 3 · timeout 2s`. Empty where it has none.
pub(crate) fn line(node: &Node<'_>) -> String {
    let words = node.policies().map(|Policy { name, value }| {
        let value = clean(value);
        let short = value.chars().count() <= SHORT && !value.contains(['=', ',', '|', '(', '{']);
        if short && !value.is_empty() { format!("{name} {value}") } else { name.to_owned() }
    });
    words.collect::<Vec<_>>().join(" · ")
}
