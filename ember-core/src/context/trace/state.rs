//! The header `tracestate`: <https://www.w3.org/TR/trace-context/#tracestate-header>.

use std::sync::Arc;

/// So many bytes at most are handed on: a header from outside must not be as long as it likes.
pub(super) const MAX: usize = 4096;
const ENTRIES: usize = 32;

/// Why a text is no `tracestate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTraceState {
    /// It is longer than [`TraceContext::MAX_TRACESTATE`](super::TraceContext::MAX_TRACESTATE) bytes.
    #[error("a `tracestate` of {0} bytes is longer than {MAX}")]
    TooLong(usize),
    /// It has more than 32 entries.
    #[error("a `tracestate` has {ENTRIES} entries at most")]
    TooMany,
    /// So many entries stand before one that is not `key=value`.
    #[error("entry {0} of a `tracestate` is not `key=value`")]
    Entry(usize),
    /// So many entries stand before one whose key is none.
    #[error("entry {0} of a `tracestate` has a key that is none")]
    Key(usize),
    /// So many entries stand before one whose value is none.
    #[error("entry {0} of a `tracestate` has a value that is none")]
    Value(usize),
}

/// What is handed on of it.
pub(super) fn parse(text: &str) -> Result<Option<Arc<str>>, InvalidTraceState> {
    if text.len() > MAX {
        return Err(InvalidTraceState::TooLong(text.len()));
    }
    // An entry may be empty, and counts for nothing then.
    let entries =
        text.split(',').map(|entry| entry.trim_matches([' ', '\t'])).filter(|entry| !entry.is_empty());
    let mut kept: Vec<(&str, &str)> = Vec::new();
    for (number, entry) in entries.enumerate() {
        if number == ENTRIES {
            return Err(InvalidTraceState::TooMany);
        }
        let (key, value) = entry.split_once('=').ok_or(InvalidTraceState::Entry(number))?;
        if !is_key(key.as_bytes()) {
            return Err(InvalidTraceState::Key(number));
        }
        if !is_value(value.as_bytes()) {
            return Err(InvalidTraceState::Value(number));
        }
        if kept.iter().all(|(known, _)| *known != key) {
            kept.push((key, entry));
        }
    }
    let entries: Vec<&str> = kept.into_iter().map(|(_, entry)| entry).collect();
    Ok((!entries.is_empty()).then(|| entries.join(",").into()))
}

/// A name, or that of a tenant of a system: `fw529a3039@dt`.
fn is_key(key: &[u8]) -> bool {
    match key.iter().position(|byte| *byte == b'@') {
        None => {
            matches!(key, [b'a'..=b'z', rest @ ..] if rest.len() < 256 && rest.iter().copied().all(is_of_key))
        }
        Some(at) => {
            let (tenant, system) = (&key[..at], &key[at + 1..]);
            matches!(tenant, [b'a'..=b'z' | b'0'..=b'9', rest @ ..] if rest.len() <= 240 && rest.iter().copied().all(is_of_key))
                && matches!(system, [b'a'..=b'z', rest @ ..] if rest.len() <= 13 && rest.iter().copied().all(is_of_key))
        }
    }
}

const fn is_of_key(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/')
}

/// Printable characters but `,` and `=`, of which the last is no blank.
fn is_value(value: &[u8]) -> bool {
    let is_of_value = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    matches!(value, [.., last] if *last != b' ') && value.len() <= 256 && value.iter().all(is_of_value)
}
