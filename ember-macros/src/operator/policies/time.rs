//! `timeout = "2s"`, for each attempt, and `deadline = "10s"`, for all of them together.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::read;
use super::said::Said;
use crate::diagnostics::Diagnostics;

/// A time that a call may take.
pub(crate) struct Limit {
    pub(crate) after: Duration,
    pub(crate) span: Span,
}

/// Reads one of the two.
pub(super) fn limit(said: &Said, diagnostics: &mut Diagnostics) -> Option<Limit> {
    let such = if said.text() == "timeout" { "timeout = \"2s\"" } else { "deadline = \"10s\"" };
    let after = read::time(said, such, diagnostics)?;
    Some(Limit { after, span: said.name.span() })
}

/// A time as an expression.
pub(super) fn duration(time: Duration) -> TokenStream {
    let (seconds, nanos) = (time.as_secs(), time.subsec_nanos());
    quote!(::core::time::Duration::new(#seconds, #nanos))
}
