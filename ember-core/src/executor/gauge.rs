//! What running costs, and which way is the cheaper one.
//!
//! Every graph and every region has a [`Gauge`]: what it costs in order, and what it cost the other way, in
//! nanoseconds, as last measured. Gauges are read on every run and written on few: a graph of a microsecond is timed
//! every 16th run, one of longer runs more often. Which runs are timed is up to the thread, so no cache line is written
//! by every run.
//!
//! The way of a run under [`Strategy::Auto`]:
//!
//! - A *tiny* graph takes the straight line. Nothing gained on other threads makes up for reaching them.
//! - If no helper is awake and runs are rare, one would have to be woken, which takes some ten microseconds: below
//!   [`COLD`] the straight line is the cheaper way.
//! - Else the parallel form runs, unless it was measured to be the slower one; now and then it gets another chance.
//! - A region that is not known to be worth it begins in order, and calls for help when it turns out long.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::{crew, pool};
use crate::context::Context;
use crate::run::Info;
use crate::strategy::Strategy;
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// What a helper must save before it is worth to lay tasks out for it.
const TINY: u64 = 1_000;
/// What a node costs more in the parallel form.
const PER_NODE: u64 = 40;
/// From here on it is worth to wake a thread for one run.
pub(super) const COLD: u64 = 38_000;
/// How long a run of unknown cost stays in order: where helpers are awake, where one must be woken, in the pool.
const WARM_LIMIT: Duration = Duration::from_micros(2);
const COLD_LIMIT: Duration = Duration::from_micros(25);
const POOL_LIMIT: Duration = Duration::from_micros(5);

/// How the parts of a run in the parallel form decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Everything that can runs at the same time.
    Parallel,
    /// Parts that are worth it.
    Eager,
    /// The same, and waking a thread counts.
    Wary,
}

/// What running something has cost, in nanoseconds; 0 if that is not known.
#[derive(Debug)]
pub struct Gauge {
    /// Below this cost nothing is gained by other threads.
    tiny: u64,
    in_order: AtomicU64,
    /// In the parallel form: called from outside of the pool, and on a thread of it.
    parallel: [AtomicU64; 2],
}

pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1)
}

/// Follows what is measured: soon where it falls, and in bounded steps where it rises, since a thread that was
/// interrupted makes any run look long.
pub(super) fn follow(known: &AtomicU64, measured: u64) {
    let old = known.load(Relaxed);
    let new = match old {
        0 => measured,
        _ if measured < old => old - (old - measured).div_ceil(2),
        _ => old + (measured.min(old.saturating_mul(4)) - old).div_ceil(2),
    };
    // Not worth a write that other threads would have to fetch.
    if new.abs_diff(old) > old / 16 {
        known.store(new, Relaxed);
    }
}

impl Gauge {
    /// Of something that has not run, with so many nodes. `varies` says that its cost tells little of the next run.
    pub const fn new(nodes: u32, varies: bool) -> Self {
        let tiny = if varies { 0 } else { TINY + PER_NODE * nodes as u64 };
        Self { tiny, in_order: AtomicU64::new(0), parallel: [AtomicU64::new(0), AtomicU64::new(0)] }
    }

    pub(crate) fn in_order(&self) -> Option<Duration> {
        Some(self.in_order.load(Relaxed)).filter(|&cost| cost != 0).map(Duration::from_nanos)
    }

    pub(crate) fn parallel(&self, inside: bool) -> Option<Duration> {
        let cost = self.parallel[usize::from(inside)].load(Relaxed);
        Some(cost).filter(|&cost| cost != 0).map(Duration::from_nanos)
    }

    /// How long a region runs in order before it calls for help.
    pub(super) fn patience(&self, way: Way) -> Duration {
        let patience = patience(way);
        let worth = match patience {
            WARM_LIMIT => self.tiny,
            COLD_LIMIT => COLD,
            other => nanos(other),
        };
        if self.in_order.load(Relaxed) >= worth { Duration::ZERO } else { patience }
    }

    #[cold]
    #[inline(never)]
    fn ended(&self, start: Instant) {
        self.took(start.elapsed());
    }

    /// Notes what it cost in order.
    pub(super) fn took(&self, time: Duration) {
        follow(&self.in_order, nanos(time));
    }
}

/// How long a part of a run whose cost is not known runs in order before it calls for help.
pub(super) fn patience(way: Way) -> Duration {
    if way == Way::Parallel {
        Duration::ZERO
    } else if pool::is_inside() {
        POOL_LIMIT
    } else if way == Way::Eager || crew::is_awake() {
        WARM_LIMIT
    } else {
        COLD_LIMIT
    }
}

/// How a run of a graph starts.
#[derive(Debug)]
pub enum Start {
    /// On the straight line.
    Straight,
    /// The same, timed.
    Timed(Instant),
    /// In the parallel form; timed if there is a time.
    Parallel(Way, Option<Instant>),
}

thread_local! {
    static TICKS: Cell<u32> = const { Cell::new(0) };
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// True every so often, by no pattern that a program could be in step with: multiples of the golden ratio.
#[inline(always)]
fn every(power_of_two: u32) -> bool {
    TICKS.with(|ticks| {
        let next = ticks.get().wrapping_add(0x9E37_79B9);
        ticks.set(next);
        next < u32::MAX / power_of_two
    })
}

/// Whether this thread asked this a moment ago, so that a helper woken now serves more than one run.
fn often(now: Instant) -> bool {
    let last = LAST.replace(Some(now));
    last.is_some_and(|last| now.duration_since(last) < crew::LINGER)
}

/// Decides how a run goes.
#[inline(always)]
pub fn start(context: &Context, info: &'static Info) -> Start {
    if cfg!(not(feature = "parallel")) {
        return Start::Straight;
    }
    match context.strategy() {
        Some(Strategy::Sequential) => Start::Straight,
        #[cfg(feature = "parallel")]
        Some(Strategy::Parallel) => Start::Parallel(Way::Parallel, None),
        _ => {
            let cost = info.gauge.in_order.load(Relaxed);
            // 0 is not known, and becomes the largest number here.
            if cost.wrapping_sub(1) < info.gauge.tiny && !every(16) {
                Start::Straight
            } else {
                decide(info, cost)
            }
        }
    }
}

#[cold]
#[inline(never)]
fn decide(info: &'static Info, cost: u64) -> Start {
    let varies = info.gauge.tiny == 0;
    if cost != 0 && cost < info.gauge.tiny {
        return Start::Timed(Instant::now());
    }
    let inside = pool::is_inside();
    let measured = cost == 0 || every(16);
    let (now, eager) = if inside || crew::is_awake() {
        (measured.then(Instant::now), true)
    } else {
        let now = Instant::now();
        let often = often(now);
        if cost != 0 && !often && cost < COLD && !varies {
            return Start::Timed(now);
        }
        (measured.then_some(now), often)
    };
    let parallel = info.gauge.parallel[usize::from(inside)].load(Relaxed);
    if cost != 0 && parallel >= cost && !varies && !every(64) {
        return now.map_or(Start::Straight, Start::Timed);
    }
    Start::Parallel(if eager { Way::Eager } else { Way::Wary }, now)
}

impl Start {
    /// Notes what a run on the straight line cost, if it was timed.
    #[inline(always)]
    pub fn ended(&self, info: &'static Info) {
        if let Self::Timed(start) = self {
            info.gauge.ended(*start);
        }
    }
}

/// Notes what a run in the parallel form cost, and what it saved.
#[cold]
pub(crate) fn ended_parallel(info: &'static Info, start: Instant, saved: i64) {
    let took = nanos(start.elapsed());
    follow(&info.gauge.parallel[usize::from(pool::is_inside())], took);
    follow(&info.gauge.in_order, took.saturating_add_signed(saved).max(1));
}
