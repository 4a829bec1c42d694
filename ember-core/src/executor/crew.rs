//! Threads of the pool that help runs of callers outside of it.
//!
//! A caller from outside never enters the pool: that costs a wake-up of a thread, a hand-over and a wake-up of the caller,
//! some ten to fifty microseconds. It does the work itself, and opens an entry of the [`Board`]; threads of the pool
//! come and take part. Such a *helper* is one job of the pool, which goes from entry to entry. When there is nothing to
//! do it lingers for [`LINGER`], so that the next run needs no wake-up, and then gives its thread back.
//!
//! There are at most as many helpers as the pool has threads, less one for the caller.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::{Duration, Instant};

use super::pool;
use crate::raw::board::{Board, Help};

/// How long a helper without work keeps its thread.
pub(super) const LINGER: Duration = Duration::from_micros(50);
/// How long a helper stays with one run that has nothing for it.
const PATIENCE: Duration = Duration::from_micros(5);
/// How often a helper looks for work before it looks at the clock.
const LOOKS: u32 = 32;

#[cfg(not(all(loom, test)))]
static BOARD: Board = Board::new();
#[cfg(all(loom, test))]
static BOARD: std::sync::LazyLock<Board> = std::sync::LazyLock::new(Board::new);
/// Helpers, those included that were asked for and have not come yet.
static ALIVE: AtomicU32 = AtomicU32::new(0);
/// Helpers that look for a run to help with.
static IDLE: AtomicU32 = AtomicU32::new(0);
/// Helpers that were asked for and have not come yet.
static COMING: AtomicU32 = AtomicU32::new(0);

/// Whether a helper is awake and has nothing to do.
#[inline]
pub(super) fn is_awake() -> bool {
    IDLE.load(Relaxed) > 0
}

/// Sees to it that a helper looks at the entries after this call, if one is to be had.
#[inline]
pub(super) fn call() {
    if IDLE.load(SeqCst) == 0 && COMING.load(Relaxed) == 0 {
        hire();
    }
}

#[cold]
fn hire() {
    let most = u32::try_from(pool::width()).unwrap_or(u32::MAX) - 1;
    let hired = ALIVE.fetch_update(Relaxed, Relaxed, |alive| (alive < most).then_some(alive + 1));
    if hired.is_ok() {
        COMING.fetch_add(1, Relaxed);
        pool::spawn(serve);
    }
}

/// Lets helpers take part in `help` while `own` runs; returns when none is in `help` any more.
pub(super) fn offer<R>(help: &Help<'_>, own: impl FnOnce() -> R) -> R {
    BOARD.offer(help, own)
}

/// A helper.
fn serve() {
    COMING.fetch_sub(1, Relaxed);
    IDLE.fetch_add(1, SeqCst);
    let (mut at, mut looks) = (0, 0_u32);
    let mut since = Instant::now();
    loop {
        // Mostly the next run is offered where the last was.
        let mut worked = help(at, PATIENCE);
        if !worked {
            std::hint::spin_loop();
            looks = looks.wrapping_add(1);
            if looks % 8 == 0 {
                at = (0..Board::ENTRIES)
                    .map(|i| (at + 1 + i) % Board::ENTRIES)
                    .find(|&i| BOARD.is_open(i))
                    .unwrap_or(at);
            }
            if looks % LOOKS != 0 || since.elapsed() < LINGER {
                continue;
            }
            // Nobody counts on this helper any more. What was offered while somebody did is found here.
            IDLE.fetch_sub(1, SeqCst);
            worked = (0..Board::ENTRIES).any(|entry| help(entry, Duration::ZERO));
            if !worked {
                break;
            }
            IDLE.fetch_add(1, SeqCst);
        }
        since = Instant::now();
    }
    ALIVE.fetch_sub(1, Relaxed);
}

/// Helps at an entry, and tells whether there was work.
fn help(entry: usize, patience: Duration) -> bool {
    let Some(visit) = BOARD.enter(entry) else { return false };
    IDLE.fetch_sub(1, SeqCst);
    let worked = visit.help(patience);
    drop(visit);
    IDLE.fetch_add(1, SeqCst);
    worked
}
