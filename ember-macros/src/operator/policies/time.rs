//! `timeout = "2s"`, for each attempt, and `deadline = "10s"`, for all of them together.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::given::{self, Given};
use super::said::Said;
use crate::diagnostics::Diagnostics;

/// A time that a call may take.
pub(crate) struct Limit {
    pub(crate) after: Given<Duration>,
    pub(crate) span: Span,
}

impl Limit {
    /// The layer: for a node, or for an attempt. `rt` is the path of the policies.
    pub(crate) fn made(&self, rt: &TokenStream, node: bool) -> TokenStream {
        let (after, made) = (&self.after, Ident::new(if node { "node" } else { "attempt" }, self.span));
        quote_spanned!(self.span=> #rt::built(#rt::Timeout::#made(#after)))
    }
}

/// The runtime's bound.
const MOST: Duration = Duration::from_hours(365 * 24);

/// Reads one of the two.
pub(super) fn limit(said: &Said, diagnostics: &mut Diagnostics) -> Option<Limit> {
    let such = if said.text() == "timeout" { "timeout = \"2s\"" } else { "deadline = \"10s\"" };
    let after = given::time(said, MOST, such, diagnostics)?;
    Some(Limit { after, span: said.name.span() })
}

/// A time as an expression.
pub(super) fn duration(time: Duration) -> TokenStream {
    let (seconds, nanos) = (time.as_secs(), time.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanos))
}
