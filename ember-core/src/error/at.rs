//! A failure of an operator with its node, its type kept.

use std::error::Error as StdError;
use std::fmt;

use super::Site;

/// A failure `E` with the node it came from.
///
/// A graph whose error type is `From<At<E>>` gets the failure `E` of its nodes in this form:
///
/// ```
/// use std::num::ParseIntError;
/// use ember_core::{At, Error};
///
/// #[derive(Debug)]
/// enum LoadError {
///     Number { node: String, source: ParseIntError },
///     Graph(Error),
/// }
///
/// impl From<At<ParseIntError>> for LoadError {
///     fn from(at: At<ParseIntError>) -> Self {
///         LoadError::Number { node: at.site().node().into_owned(), source: at.into_source() }
///     }
/// }
///
/// // Panics, cancellation and all other failures arrive so.
/// impl From<Error> for LoadError {
///     fn from(error: Error) -> Self {
///         LoadError::Graph(error)
///     }
/// }
/// # use ember_core::Site;
/// # use ember_graph::{Description, Kind, Node};
/// # static NODES: [Node<'static>; 1] =
/// #     [Node::__new("port", "parse", Kind::Operator, None, "", true, 5, 13, None)];
/// # static LOAD: Description<'static> =
/// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
/// # let at = At::__new("x".parse::<u8>().unwrap_err(), Site::__new(&LOAD, 0, &[]));
/// # assert_eq!(at.to_string(), "node `port` (operator `parse`) of graph `load` failed");
/// # assert!(matches!(at.into(), LoadError::Number { node, .. } if node == "port"));
/// ```
#[derive(Clone, Debug)]
pub struct At<E> {
    /// The failure itself.
    pub source: E,
    site: Site,
}

impl<E> At<E> {
    #[doc(hidden)]
    pub const fn __new(source: E, site: Site) -> Self {
        Self { source, site }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn __with_attempt(mut self, attempt: u32) -> Self {
        self.site.set_attempt(attempt);
        self
    }

    #[doc(hidden)]
    pub fn __into_parts(self) -> (E, Site) {
        (self.source, self.site)
    }

    /// Where it happened.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Which attempt failed, counted from one: the last, of an operator with `retry`.
    pub fn attempt(&self) -> u32 {
        self.site.attempt()
    }

    /// The failure without its node.
    pub fn into_source(self) -> E {
        self.source
    }

    /// Changes the failure and keeps the node.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> At<F> {
        At { source: f(self.source), site: self.site }
    }
}

impl<E> fmt::Display for At<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.site)?;
        if self.attempt() > 1 { write!(f, ", at attempt {}", self.attempt()) } else { Ok(()) }
    }
}

impl<E: StdError + 'static> StdError for At<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}
