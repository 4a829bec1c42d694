//! The operators that random graphs are made of, and the plain functions that their glue calls.
//!
//! All are deterministic, total and quick, and keep numbers and texts small, so that no combination of them
//! overflows or grows without bound. What differs is the way in which values go in and out: borrowed, moved,
//! changed in place, copied, borrowed from what came in, failed.

#![allow(
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    reason = "how values are passed is the subject"
)]

pub mod numbers;
pub mod plain;
pub mod records;
pub mod texts;
pub mod tracked;

pub use numbers::{
    Kind, add, append, apply, blend, bump, check, done, grow, half, kind, ladder, odd, origin, push, small,
    spend, sum_of, times, total, triple, verify,
};
pub use plain::{joined, trimmed, twice};
pub use records::{Model, Record, divide, model, record, rename, settled, weigh};
pub use texts::{
    cat, count_apart, drain, either, gather, greeting, halves, head, label, longest, measure, number, phrase,
    polish, seal, up, words,
};
pub use tracked::{
    Tally, Tracked, UnderWay, View, again, close, glance, make, mark, merge, peek, retire, risk, view,
};

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

/// The operators again, as `async` functions that wait before they do what the others do at once.
#[allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic, reason = "written by a program")]
pub mod later {
    #[allow(unused_imports, reason = "what the signatures name")]
    use super::*;
    #[allow(unused_imports, reason = "what the signatures name")]
    use std::num::ParseIntError;

    include!(concat!(env!("OUT_DIR"), "/later.rs"));
}

/// Counts an item of a `for` that has a bound, for as long as the item keeps what this gives.
#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[ember::operator]
pub async fn under_way(tally: &Tally, each: usize) -> UnderWay {
    UnderWay::new(tally, each)
}

/// How operators wait on this thread.
#[derive(Clone, Copy)]
struct Waits {
    state: u32,
    /// By tokio's clock.
    by_the_clock: bool,
    /// So many milliseconds.
    slept: u64,
}

thread_local! {
    static WAITS: Cell<Waits> = const { Cell::new(Waits { state: 1, by_the_clock: false, slept: 0 }) };
}

/// Lets the operators that this thread polls sleep by tokio's clock, for times that follow from a seed.
pub fn sleep_from(seed: u64) {
    #[expect(clippy::cast_possible_truncation, reason = "neighbours are to differ")]
    WAITS.set(Waits { state: seed as u32, by_the_clock: true, slept: 0 });
}

/// How long the operators that this thread polls have slept or meant to, one after the other.
pub fn slept() -> Duration {
    Duration::from_millis(WAITS.get().slept)
}

/// Waits, now for longer and now not at all: up to three turns, or up to 15 milliseconds of tokio's clock.
pub async fn turn() {
    let mut waits = WAITS.get();
    waits.state = waits.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let mut left = waits.state >> 30;
    let millis = u64::from(waits.state >> 28);
    waits.slept += millis;
    WAITS.set(waits);
    if waits.by_the_clock {
        return sleep(Duration::from_millis(millis)).await;
    }
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Why an operator refuses its input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A divisor that divides nothing.
    Divisor(usize),
    /// A value that is out of luck.
    Unlucky(usize),
    /// A text that has no words.
    Empty,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Divisor(by) => write!(f, "cannot divide by {by}"),
            Self::Unlucky(number) => write!(f, "{number} is out of luck"),
            Self::Empty => f.write_str("no words"),
        }
    }
}

impl std::error::Error for Refused {}
