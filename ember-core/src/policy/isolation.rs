//! What became of a call in a process of its own.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use crate::rounded::{Rounded, Size};

/// Why an operator that runs in a process of its own gave no result.
///
/// It holds numbers and names only: nothing of the call's arguments, and nothing of what the process wrote.
///
/// ```
/// use ember_core::policy::IsolationError;
///
/// let crash = IsolationError::StackOverflow;
/// assert!(crash.to_string().contains("stack"), "{crash}");
/// assert!(crash.is_death() && !crash.is_limit());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolationError {
    /// The processor or the kernel found a mistake: `SIGSEGV`, `SIGBUS`, `SIGILL`, `SIGFPE`, `SIGTRAP` or `SIGSYS`.
    #[non_exhaustive]
    Crashed {
        /// Its number.
        signal: i32,
        /// Its name.
        name: &'static str,
    },
    /// It gave up by itself (`SIGABRT`): `abort`, a failed assertion of a C library, a panic in a build with
    /// `panic = "abort"`.
    Aborted,
    /// The same, and Rust's runtime had said before that a stack overflowed.
    StackOverflow,
    /// The same, and Rust's runtime had said before that there was no memory. Memory that C code asks for in vain is told
    /// by whatever that code does then.
    #[non_exhaustive]
    OutOfMemory {
        /// The limit on the memory of the process in bytes, if there is one.
        limit: Option<u64>,
    },
    /// The call used more processor time than it may.
    CpuLimit(
        /// What it may use.
        Duration,
    ),
    /// The call took more time than it may, and was killed.
    TimeLimit(
        /// What it may take.
        Duration,
    ),
    /// It was ended from outside by a signal such as `SIGKILL` or `SIGTERM`; the kernel does so too where the whole machine
    /// is out of memory.
    #[non_exhaustive]
    Killed {
        /// Its number.
        signal: i32,
        /// Its name, `"a signal"` if it has none.
        name: &'static str,
    },
    /// It left by `exit`.
    Exited(
        /// The code.
        i32,
    ),
    /// What it answered makes no sense, or came unasked. It was killed.
    Corrupt(
        /// What is wrong.
        &'static str,
    ),
    /// The arguments or the result are larger than a message may be.
    #[non_exhaustive]
    TooLarge {
        /// Which of the two.
        part: Part,
        /// The largest message in bytes.
        limit: usize,
    },
    /// Serde could not write the arguments or the result, or not read what was written.
    Unreadable(
        /// Which of the two.
        Part,
    ),
    /// No process could be started.
    NotStarted(
        /// Why.
        ErrorKind,
    ),
    /// The process was not ready in time. Most likely its `main` does something else before `ember::isolate::init()`.
    NotReady(
        /// The time that it had.
        Duration,
    ),
    /// `ember::isolate::init()` was not called: it must be the first line of `main`.
    NotInitialized,
    /// The process runs another build of the program, or does not know the operator.
    OtherBuild,
    /// The call was made from inside such a process: they do not nest.
    Nested,
    /// The operating system cannot do that.
    Unsupported(
        /// What is asked of it.
        &'static str,
    ),
}

/// What goes from one process to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// To the process.
    Arguments,
    /// Back.
    Output,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arguments => "the arguments",
            Self::Output => "the result",
        })
    }
}

impl IsolationError {
    /// Whether the process ended during the call, by whatever means.
    pub fn is_death(&self) -> bool {
        use IsolationError as E;
        self.is_limit()
            || matches!(
                self,
                E::Crashed { .. } | E::Aborted | E::StackOverflow | E::Killed { .. } | E::Exited(_)
            )
    }

    /// Whether another attempt may fare better, so that a retry makes one: the call took too long, its process was killed
    /// from outside, or none could be started or got ready.
    pub fn is_passing(&self) -> bool {
        use IsolationError as E;
        matches!(self, E::TimeLimit(_) | E::Killed { .. } | E::NotStarted(_) | E::NotReady(_))
    }

    /// Whether a limit on memory, processor time or time ended the call.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::OutOfMemory { .. } | Self::CpuLimit(_) | Self::TimeLimit(_))
    }
}

/// Goes on behind the name of the operator, or of its process.
impl fmt::Display for IsolationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crashed { signal, name } => write!(f, "crashed by {name} (signal {signal})"),
            Self::Aborted => f.write_str("aborted"),
            Self::StackOverflow => f.write_str("overflowed its stack"),
            Self::OutOfMemory { limit: Some(limit) } => {
                write!(f, "ran out of memory, of which it may have {}", Size(*limit))
            }
            Self::OutOfMemory { limit: None } => f.write_str("ran out of memory"),
            Self::CpuLimit(limit) => write!(f, "used more processor time than {}", Rounded(*limit)),
            Self::TimeLimit(limit) => write!(f, "took longer than {}, and was killed", Rounded(*limit)),
            Self::Killed { signal, name } => write!(f, "was killed from outside by {name} (signal {signal})"),
            Self::Exited(code) => write!(f, "exited with code {code}"),
            Self::Corrupt(what) => write!(f, "answered what makes no sense ({what}), and was killed"),
            Self::TooLarge { part, limit } => {
                let take = if *part == Part::Arguments { "take" } else { "takes" };
                write!(f, "{part} {take} more than the {} that a message may have", Size(*limit as u64))
            }
            Self::Unreadable(part) => {
                write!(f, "{part} cannot be carried: serde failed to write or to read what it wrote")
            }
            Self::NotStarted(why) => write!(f, "no process could be started: {why}"),
            Self::NotReady(time) => write!(
                f,
                "the process was not ready after {}: is `ember::isolate::init()` the first line of `main`?",
                Rounded(*time)
            ),
            Self::NotInitialized => {
                f.write_str("`ember::isolate::init()` was not called, which must be the first line of `main`")
            }
            Self::OtherBuild => f.write_str("the process is of another build of this program"),
            Self::Nested => f.write_str(
                "the call came from inside an operator in a process of its own, and these do not nest",
            ),
            Self::Unsupported(what) => write!(f, "this operating system has no {what}"),
        }
    }
}

impl std::error::Error for IsolationError {}
