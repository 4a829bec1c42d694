//! Which trace a run is part of, as services tell it to each other.
//!
//! The texts are those of the headers of W3C Trace Context, <https://www.w3.org/TR/trace-context/>.

mod state;

#[cfg(all(test, not(loom)))]
mod tests;

use std::fmt;
use std::ops::{BitOr, Shl};
use std::str::FromStr;
use std::sync::Arc;

pub use self::state::InvalidTraceState;

/// What a caller's `traceparent` and `tracestate` say: the trace that a run is part of, and the span that called it.
///
/// As text (`{}`) it is a `traceparent`. It is parsed as strictly as the recommendation has it: lower-case digits, no ids
/// of zeros, nothing behind a version 00. Of later versions it reads what version 00 knows, and says that.
///
/// ```
/// use ember_core::TraceContext;
///
/// let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// assert_eq!(trace.trace_id(), 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
/// assert_eq!(trace.parent_id(), 0x00f0_67aa_0ba9_02b7);
/// assert!(trace.is_sampled());
/// assert_eq!(trace.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
///
/// assert!("00-00000000000000000000000000000000-00f067aa0ba902b7-01".parse::<TraceContext>().is_err());
/// # Ok::<(), ember_core::InvalidTraceParent>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
    state: Option<Arc<str>>,
}

/// Why a text is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTraceParent {
    /// It has not the length or the dashes of `00-{32 digits}-{16 digits}-{2 digits}`.
    #[error("a `traceparent` has the form of 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    Form,
    /// Something in it is no lower-case hexadecimal digit.
    #[error("the {0} of a `traceparent` is written in digits and the letters a to f")]
    Digits(&'static str),
    /// Version ff, which is none.
    #[error("a `traceparent` has no version ff")]
    Version,
    /// An id of zeros, which means that there is none.
    #[error("the {0} of a `traceparent` is not all zeros")]
    Zero(&'static str),
}

const SAMPLED: u8 = 1;
/// Of level 2 of the recommendation: the last seven bytes of the trace id are random.
const RANDOM: u8 = 2;

impl TraceContext {
    /// The longest `tracestate`, in bytes. The recommendation asks for 512 at least.
    pub const MAX_TRACESTATE: usize = state::MAX;

    /// A span of a trace, by the ids that its exporter gave them.
    ///
    /// # Errors
    ///
    /// [`InvalidTraceParent::Zero`], as an id of zeros is none.
    pub const fn new(trace_id: u128, parent_id: u64, sampled: bool) -> Result<Self, InvalidTraceParent> {
        if trace_id == 0 {
            return Err(InvalidTraceParent::Zero(TRACE_ID));
        }
        if parent_id == 0 {
            return Err(InvalidTraceParent::Zero(PARENT_ID));
        }
        Ok(Self { trace_id, parent_id, flags: sampled as u8, state: None })
    }

    /// Adds a `tracestate`, what the tracing systems on the way say to themselves. One without entries takes it off.
    ///
    /// Entries are handed on as they came, without the blanks around them. Where a key is there twice, the first entry counts.
    ///
    /// # Errors
    ///
    /// If it is none: an entry is not `key=value` in the characters that are allowed, or there are more than 32, or more than
    /// [`MAX_TRACESTATE`](Self::MAX_TRACESTATE) bytes. A caller's `traceparent` counts all the same then, so go on
    /// without the state.
    ///
    /// ```
    /// use ember_core::TraceContext;
    ///
    /// let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
    /// let with_state = trace.clone().with_tracestate("rojo=00f067aa0ba902b7, congo=t61rcWkgMzE")?;
    /// assert_eq!(with_state.tracestate(), "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    ///
    /// let without = trace.clone().with_tracestate("no entry").unwrap_or(trace);
    /// assert_eq!(without.tracestate(), "");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_tracestate(mut self, text: &str) -> Result<Self, InvalidTraceState> {
        self.state = state::parse(text)?;
        Ok(self)
    }

    /// The trace.
    pub const fn trace_id(&self) -> u128 {
        self.trace_id
    }

    /// The span that calls.
    pub const fn parent_id(&self) -> u64 {
        self.parent_id
    }

    /// Whether the caller may have recorded it.
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The header `tracestate`; empty if there is none.
    pub fn tracestate(&self) -> &str {
        self.state.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }
}

const TRACE_ID: &str = "trace id";
const PARENT_ID: &str = "parent id";

/// Of a `traceparent` of version 00.
const LENGTH: usize = 55;

impl FromStr for TraceContext {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let (known, behind) = text.as_bytes().split_at_checked(LENGTH).ok_or(InvalidTraceParent::Form)?;
        if [2, 35, 52].into_iter().any(|at| known[at] != b'-') {
            return Err(InvalidTraceParent::Form);
        }
        let version: u8 = number(&known[..2], "version")?;
        match version {
            0xff => return Err(InvalidTraceParent::Version),
            0 if !behind.is_empty() => return Err(InvalidTraceParent::Form),
            // A later version may have more behind another dash.
            _ if behind.first().is_some_and(|next| *next != b'-') => return Err(InvalidTraceParent::Form),
            _ => {}
        }
        let trace_id = number(&known[3..35], TRACE_ID)?;
        let parent_id = number(&known[36..52], PARENT_ID)?;
        let flags: u8 = number(&known[53..55], "flags")?;
        let trace = Self::new(trace_id, parent_id, false)?;
        // Bits that are not known are not handed on.
        Ok(Self { flags: flags & (SAMPLED | RANDOM), ..trace })
    }
}

/// So many digits as fit into the number.
fn number<N>(digits: &[u8], what: &'static str) -> Result<N, InvalidTraceParent>
where
    N: From<u8> + Shl<u32, Output = N> + BitOr<Output = N>,
{
    digits.iter().try_fold(N::from(0), |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return Err(InvalidTraceParent::Digits(what)),
        };
        Ok(number << 4 | N::from(value))
    })
}
