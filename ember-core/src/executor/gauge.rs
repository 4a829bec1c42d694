//! What running costs, and which way is the cheaper one.
//!
//! Every graph and every region has a [`Gauge`]: what it costs in order, and what it cost the other way, in
//! nanoseconds, as last measured. Gauges are read on every run and written on few: of a tiny graph a few runs are timed every ten
//! milliseconds (`tick`), of others one in so many. Which runs are timed is up to the thread, so no cache line is written by
//! every run.
//!
//! The way of a run under [`Strategy::Auto`]:
//!
//! - A *tiny* graph takes the straight line. Nothing gained on other threads makes up for reaching them.
//! - If no helper is awake and runs are rare, one would have to be woken, which takes some ten microseconds: below
//!   [`COLD`] the straight line is the cheaper way.
//! - A run so short that only helpers which are awake are worth it calls for one if such runs follow each other closely, and
//!   takes the straight line in the pool and where helpers would have to be told of it (`crew::is_free`).
//! - Else the parallel form runs, unless it was measured to be the slower one; now and then it gets another chance.
//! - What a parallel run would cost in order is told by its tasks. Tasks that contend take longer beside each other, so a
//!   run takes the straight line now and then to see.
//! - A region that is not known to be worth it begins in order, and calls for help when it turns out long.
//! - An item of a stream behind which others wait takes the straight line: other threads have those.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::chance::every;
use super::plan::Plan;
use super::{crew, lot, pool, tick};
use crate::context::{Context, is_silent, says_nothing, wants_order};
use crate::explain::Reason;
use crate::run::Info;
use crate::strategy::Strategy;
use crate::sync::Nanos;

/// What a run must cost before a helper that waits at the board is worth it.
const TINY: u64 = 700;
/// How much less a region of it must cost: what stands around that is not shared out.
const AROUND: u64 = 250;
/// How much more a run must cost where a helper would have to go in, or is a thread of the pool that takes a job.
const ENTRY: u64 = 800;
/// Runs that cost less than that follow each other closely if the next begins within so many times what one costs.
const CLOSE: u64 = 8;
/// What a node costs more in the parallel form.
const PER_NODE: u64 = 40;
/// From here on it is worth to wake a thread for one run.
pub(super) const COLD: u64 = 38_000;
/// From here on looking at the clock costs nothing that shows.
const CLOCK_IS_FREE: u64 = 40_000;
/// What is not to be felt is done once in so many runs.
const OFTEN: u32 = 16;
/// One in so many parallel runs, for each thread, takes the straight line, to see what that costs: it loses less than a
/// hundredth. Of longer runs none, as one alone would be felt.
const CHECKED: u32 = 128;
const SHORT: u64 = 1_000_000;
/// How many runs in a row try a way that was the dearer one.
const IN_A_ROW: u32 = 9;
/// The strain of nodes that do not mind each other.
const UNSTRAINED: u32 = 16;
/// From here on a task costs so much that handing it on does not show, and that a thread without work does.
const COARSE: u64 = 5_000;
/// How long a run of unknown cost stays in order: where helpers are awake, where one must be woken, in the pool.
const WARM_LIMIT: Duration = Duration::from_micros(2);
const COLD_LIMIT: Duration = Duration::from_micros(25);
const POOL_LIMIT: Duration = Duration::from_micros(5);

/// Whether there is one way only: in a build without threads, and on targets without threads or without a clock.
pub(crate) const ALWAYS_STRAIGHT: bool = cfg!(any(
    not(feature = "parallel"),
    all(target_family = "wasm", any(target_os = "unknown", not(target_feature = "atomics")))
));

/// How the parts of a run in the parallel form decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Everything that can runs at the same time.
    Parallel,
    /// Parts that are worth it.
    Eager,
    /// The same, and a helper is at hand that may take tasks of it without being told anything.
    Quick,
    /// The same, and waking a thread counts.
    Wary,
}

/// What something costs in nanoseconds, as told by the runs that were timed.
#[derive(Debug)]
pub(super) struct Cost {
    /// 0 if it is not known.
    level: Nanos,
    last: Nanos,
}

impl Cost {
    pub(super) const fn new() -> Self {
        Self { level: Nanos::new(), last: Nanos::new() }
    }

    #[inline(always)]
    pub(super) fn nanos(&self) -> u64 {
        self.level.get()
    }

    /// Notes what it took once. A thread that is interrupted makes any run look long; so the lesser of the last two times
    /// counts.
    pub(super) fn took(&self, time: Duration) {
        let time = nanos(time);
        let last = self.last.get();
        self.last.set(time);
        let (old, new) = (self.nanos(), if last == 0 { time } else { time.min(last) });
        // Not worth a write that other threads would have to fetch.
        if new.abs_diff(old) > old / 16 {
            self.level.set(new);
        }
    }

    fn forget(&self) {
        self.level.set(0);
        self.last.set(0);
    }

    /// Notes that it is known to cost no more.
    fn at_most(&self, nanos: u64) {
        if self.nanos() > nanos {
            self.level.set(nanos);
        }
    }

    pub(crate) fn known(&self) -> Option<Duration> {
        Some(self.nanos()).filter(|&nanos| nanos != 0).map(Duration::from_nanos)
    }
}

/// Where a graph is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Outside of the pool, with helpers awake.
    Warm,
    /// Outside of the pool, with its threads asleep.
    Cold,
    /// On a thread of the pool, or one that runs a lot of a batch or a stream: the others have lots of their own.
    Inside,
}

impl Place {
    pub(crate) fn here() -> Self {
        if pool::is_inside() || lot::is_here() {
            Self::Inside
        } else if crew::is_awake() {
            Self::Warm
        } else {
            Self::Cold
        }
    }
}

/// What running a graph, or a region, has cost.
#[derive(Debug)]
pub struct Gauge {
    /// Below this cost nothing is gained by other threads.
    tiny: u64,
    in_order: Cost,
    /// What its nodes took in all when they ran beside each other, and how many sixteenths of what they take in order that
    /// was; 0 if it is not known. Nodes that share a lock, or a line of memory, take longer beside each other.
    busy: Cost,
    strain: AtomicU32,
    /// In the parallel form, by where it was called.
    parallel: [Cost; 3],
    /// Whether a region called for help since what it costs has changed.
    calls: AtomicBool,
    /// The regions whose tasks have been measured.
    regions: Mutex<Vec<&'static Plan>>,
}

pub(crate) fn nanos(time: Duration) -> u64 {
    crate::sync::nanos(time).max(1)
}

impl Gauge {
    /// Of something that has not run, with so many nodes. `varies` says that its cost tells little of the next run.
    pub const fn new(nodes: u32, varies: bool) -> Self {
        let tiny = if varies { 0 } else { TINY + PER_NODE * nodes as u64 };
        Self {
            tiny,
            in_order: Cost::new(),
            busy: Cost::new(),
            strain: AtomicU32::new(0),
            parallel: [const { Cost::new() }; 3],
            calls: AtomicBool::new(false),
            regions: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn in_order(&self) -> Option<Duration> {
        self.in_order.known()
    }

    pub(crate) fn parallel(&self, place: Place) -> Option<Duration> {
        self.parallel[place as usize].known()
    }

    /// Notes that the tasks of a region have been measured.
    pub(super) fn has_measured(&self, plan: &'static Plan) {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        if !regions.iter().any(|known| ptr::eq(*known, plan)) {
            regions.push(plan);
        }
    }

    /// What the tasks of the graph have cost, by the first node of each.
    pub(crate) fn tasks(&self) -> Vec<(u32, Duration)> {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let tasks = regions.iter().flat_map(|plan| plan.tasks.iter().zip(plan.costs));
        let mut tasks: Vec<_> = tasks.filter_map(|(task, cost)| Some((task.node, cost.0.known()?))).collect();
        tasks.sort_unstable();
        tasks
    }

    /// Whether the tasks of a region, so many, take so long that each is worth to be shared out by itself.
    pub(super) fn is_coarse(&self, tasks: usize) -> bool {
        self.in_order.nanos() >= COARSE.saturating_mul(tasks as u64)
    }

    /// Whether a thread is to be woken before a region of it begins: if a run takes so long that it may be woken for one, and
    /// not so long that it makes no difference; and if regions of it do call for help.
    pub(super) fn is_worth_waking(&self) -> bool {
        self.calls.load(Relaxed) && (COLD..SHORT).contains(&self.in_order.nanos())
    }

    /// Notes that a region calls for help.
    pub(super) fn has_called(&self) {
        if !self.calls.load(Relaxed) {
            self.calls.store(true, Relaxed);
        }
    }

    /// Whether a region is known to be worth the help of threads that are awake, where it is called from outside of the pool.
    #[inline]
    pub(super) fn is_worth_sharing(&self, from: Duration) -> bool {
        let worth = self.tiny.saturating_sub(AROUND);
        self.in_order.nanos() >= if from.is_zero() { worth } else { worth.max(nanos(from)) }
    }

    /// How long a region runs in order before it calls for help.
    pub(super) fn patience(&self, way: Way, from: Duration) -> Duration {
        let patience = patience(way, from);
        let worth = match patience {
            WARM_LIMIT => self.tiny + ENTRY,
            COLD_LIMIT => COLD,
            other => nanos(other),
        };
        if self.in_order.nanos() >= worth { Duration::ZERO } else { patience }
    }

    #[cold]
    #[inline(never)]
    fn ended(&self, start: Instant) {
        let time = ended_since(start);
        self.took_straight(time);
        tick::timed(self.is_tiny() && nanos(time) > self.in_order.nanos().saturating_mul(2));
    }

    /// Notes what it took on the straight line.
    fn took_straight(&self, time: Duration) {
        let busy = self.busy.nanos();
        if busy != 0 {
            let strain = busy.saturating_mul(u64::from(UNSTRAINED)) / nanos(time);
            let strain = u32::try_from(strain).unwrap_or(u32::MAX).max(UNSTRAINED);
            self.strain.store(strain, Relaxed);
        }
        self.took(time);
    }

    /// Notes what its nodes took in all, beside each other.
    fn was_busy(&self, time: Duration) {
        self.busy.took(time);
        let strain = self.strain.load(Relaxed).max(UNSTRAINED);
        let in_order = u128::from(nanos(time)) * u128::from(UNSTRAINED) / u128::from(strain);
        self.took(Duration::from_nanos(u64::try_from(in_order).unwrap_or(u64::MAX)));
    }

    /// Whether to see this time what it takes in order, which is known only from nodes that ran beside each other.
    fn is_to_be_checked(&self, one_in: impl Fn(u32) -> bool) -> bool {
        if self.strain.load(Relaxed) == 0 {
            return self.in_order.nanos() < SHORT && one_in(OFTEN);
        }
        // How many threads the pool has takes longer to ask than a draw.
        let width = || u32::try_from(pool::width()).unwrap_or(u32::MAX);
        self.in_order.nanos() < SHORT && one_in(CHECKED) && every(width())
    }

    /// Notes what it cost in order.
    pub(super) fn took(&self, time: Duration) {
        let old = self.in_order.nanos();
        self.in_order.took(time);
        let new = self.in_order.nanos();
        if old.max(new) > old.min(new).saturating_mul(2) {
            // What was known of it in parallel was of other work.
            self.parallel.iter().for_each(Cost::forget);
            self.calls.store(false, Relaxed);
        }
    }
}

/// How long a part of a run whose cost is not known runs in order before it calls for help.
/// `from` is the bound that the context sets.
pub(crate) fn patience(way: Way, from: Duration) -> Duration {
    let patience = match way {
        Way::Parallel => return Duration::ZERO,
        _ if pool::is_inside() => POOL_LIMIT,
        Way::Wary if !crew::is_awake() => COLD_LIMIT,
        _ => WARM_LIMIT,
    };
    patience.max(from)
}

/// How a run of a graph starts.
#[derive(Debug)]
pub enum Start {
    /// On the straight line.
    Straight,
    /// The same, timed.
    Timed(Instant),
    /// In the parallel form.
    Parallel(Way, Watch),
}

/// What of a run in the parallel form is timed.
#[derive(Clone, Copy, Debug)]
pub enum Watch {
    /// Nothing.
    Nothing,
    /// Only when it ends.
    End,
    /// The whole.
    Whole(Place, Instant),
    /// The whole and each task, which costs time itself.
    Tasks(Instant),
}

thread_local! {
    /// When the last run ended, or began if no more is known of it.
    static LAST: Cell<Option<Instant>> = const { Cell::new(None) };
    static TRIES: Cell<u32> = const { Cell::new(0) };
    /// Whether the run before was timed to see how soon this one follows it.
    static SECOND: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread's last run ended a moment ago, so that a helper woken now serves more than one run.
fn often(now: Instant) -> bool {
    let last = LAST.replace(Some(now));
    last.is_some_and(|last| now.saturating_duration_since(last) < crew::LINGER)
}

/// Notes that a run ends, and tells how long it took.
fn ended_since(start: Instant) -> Duration {
    let now = Instant::now();
    LAST.set(Some(now));
    now.duration_since(start)
}

/// Whether to try a way that seems to take so long instead of the other: the more often, the less it can cost. A few times
/// in a row, since the first may find no helper awake.
fn tries(instead: u64, other: u64) -> bool {
    let left = TRIES.get();
    if left == 0 && !every(seldom(instead, other)) {
        return false;
    }
    TRIES.set(if left == 0 { IN_A_ROW - 1 } else { left - 1 });
    true
}

/// One in how many runs begins to try the dearer way: all that try it together lose a thirty-second, unless it takes half as long
/// again or more. It may be the cheaper one again at any time, as threads come and go.
fn seldom(instead: u64, other: u64) -> u32 {
    let lost = (u64::from(IN_A_ROW) * 32).saturating_mul(instead.saturating_sub(other)) / other.max(1);
    u32::try_from(lost).unwrap_or(u32::MAX).clamp(4, 128)
}

/// Whether nothing is to be asked or decided of a run: it takes the straight line, as [`start`] would say, and its context says
/// nothing to nodes, nor wants to hear of them.
#[inline(always)]
pub fn is_plain(info: &Info, stoppable: bool) -> bool {
    // Where there is one way only, no run is timed, and there are no ticks.
    if ALWAYS_STRAIGHT {
        return is_plain_line(stoppable);
    }
    is_silent(stoppable) && info.gauge.is_tiny() || wants_order(stoppable)
}

/// The same of a graph of which nothing can run beside anything else.
#[inline(always)]
pub fn is_plain_line(stoppable: bool) -> bool {
    says_nothing(stoppable) || wants_order(stoppable)
}

/// Decides how a run goes.
#[inline(always)]
pub fn start(context: &Context, info: &'static Info) -> Start {
    if ALWAYS_STRAIGHT {
        return Start::Straight;
    }
    // Two questions: a `match` of four arms would be a jump through a table.
    let is_parallel = context.strategy().is_some_and(Strategy::is_parallel);
    if context.is_in_order() || (!is_parallel && info.gauge.goes_at_once()) {
        Start::Straight
    } else {
        choose(context, info)
    }
}

/// The same where more is to be asked than whether the graph is tiny: out of line, as most runs ask no more.
#[cold]
#[inline(never)]
fn choose(context: &Context, info: &'static Info) -> Start {
    #[cfg(feature = "parallel")]
    if context.strategy() == Some(Strategy::Parallel) {
        return Start::Parallel(Way::Parallel, Watch::Nothing);
    }
    if info.gauge.is_tiny() {
        tick::time();
        return Start::Timed(Instant::now());
    }
    match info.gauge.draws(context) {
        Some(false) => Start::Parallel(Way::Quick, Watch::Nothing),
        drawn => info.gauge.decide(context, drawn.is_some()),
    }
}

/// Whether runs of a graph take the straight line whatever becomes of one of them.
pub fn goes_straight(context: &Context, info: &'static Info) -> bool {
    match context.strategy() {
        _ if ALWAYS_STRAIGHT => true,
        Some(Strategy::Sequential) => true,
        #[cfg(feature = "parallel")]
        Some(Strategy::Parallel) => false,
        _ => info.gauge.is_tiny(),
    }
}

impl Gauge {
    /// Whether it is known to cost so little that nothing is gained by other threads.
    #[inline(always)]
    fn is_tiny(&self) -> bool {
        // 0 is not known, and becomes the largest number here.
        self.in_order.nanos().wrapping_sub(1) < self.tiny
    }

    /// Whether a run takes the straight line and is not timed.
    #[inline(always)]
    fn goes_at_once(&self) -> bool {
        self.is_tiny() && tick::is_settled()
    }

    /// What the figures say about a run that is called from such a place. `eager` says that runs come often.
    pub(crate) fn judge(&self, place: Place, eager: bool, from: Duration) -> Reason {
        let cost = self.in_order.nanos();
        // A helper that is woken for one of many runs is awake for those behind it.
        let place = if eager && place == Place::Cold { Place::Warm } else { place };
        // In the pool no helper waits at the board.
        let tiny = if place == Place::Inside { self.tiny + ENTRY } else { self.tiny };
        if cost == 0 {
            Reason::NotMeasured
        } else if self.tiny == 0 {
            Reason::Varies
        } else if cost < tiny.max(nanos(from)) {
            Reason::Tiny
        } else if !eager && cost < COLD {
            Reason::Asleep
        } else if self.parallel[place as usize].nanos() >= cost {
            Reason::Dearer
        } else {
            Reason::Cheaper
        }
    }

    /// Draws whether anything is to be measured of a run that goes as those before: quick, where that was the cheaper way. Nothing of
    /// any other run. So most of the shortest runs that are shared out are asked no more.
    #[inline]
    fn draws(&self, context: &Context) -> Option<bool> {
        let (cost, parallel) = (self.in_order.nanos(), self.parallel[Place::Warm as usize].nanos());
        let is_cheaper = self.tiny != 0 && parallel != 0 && parallel < cost && cost <= CLOCK_IS_FREE;
        let is_as_before = is_cheaper
            && context.parallel_from().is_zero()
            && crew::is_free(context)
            && Place::here() == Place::Warm;
        is_as_before.then(|| every(OFTEN))
    }

    /// What the figures say of a run. `is_drawn` says that it is the one in so many.
    #[cold]
    #[inline(never)]
    fn decide(&self, context: &Context, is_drawn: bool) -> Start {
        let one_in = |so_many: u32| every(if is_drawn { so_many / OFTEN } else { so_many });
        if lot::is_among_others() {
            let timed = self.in_order.nanos() == 0 || every(OFTEN);
            return if timed { Start::Timed(Instant::now()) } else { Start::Straight };
        }
        let place = Place::here();
        let cost = self.in_order.nanos();
        let known = cost != 0;
        // Only helpers that wait at the board are worth it.
        let is_small = known && self.tiny != 0 && cost < self.tiny + ENTRY;
        let is_free = crew::is_free(context);
        if is_small && (place == Place::Inside || !is_free) {
            return if every(OFTEN) { Start::Timed(Instant::now()) } else { Start::Straight };
        }
        if is_small && place == Place::Cold {
            return self.while_asleep(context);
        }
        let parallel_is_known = self.parallel[place as usize].nanos() != 0;
        let always = place == Place::Cold || !known || !parallel_is_known || cost > CLOCK_IS_FREE;
        let mut now = (always || one_in(OFTEN)).then(Instant::now);
        let eager = place != Place::Cold || now.is_some_and(often);
        match self.judge(place, eager, context.parallel_from()) {
            Reason::Tiny => return Start::Timed(now.unwrap_or_else(Instant::now)),
            Reason::Dearer if tries(self.parallel[place as usize].nanos(), cost) => {
                now = now.or_else(|| Some(Instant::now()));
            }
            Reason::Asleep | Reason::Dearer => return now.map_or(Start::Straight, Start::Timed),
            Reason::Cheaper if parallel_is_known && self.is_to_be_checked(one_in) => {
                return Start::Timed(now.unwrap_or_else(Instant::now));
            }
            _ => {}
        }
        let watch = match now {
            Some(now) if !known || every(if always { 64 } else { 4 }) => Watch::Tasks(now),
            Some(now) if eager == (place != Place::Cold) => Watch::Whole(place, now),
            // It wakes a helper for those behind it, so what it takes is neither here nor there.
            Some(_) => Watch::End,
            None => Watch::Nothing,
        };
        let way = match place {
            Place::Warm if is_free => Way::Quick,
            _ if eager => Way::Eager,
            _ => Way::Wary,
        };
        Start::Parallel(way, watch)
    }

    /// The same of a run so short that it alone is worth no helper, where none is awake. One is called where such runs follow each
    /// other closely, as it burns a processor while it waits for them.
    fn while_asleep(&self, context: &Context) -> Start {
        let is_second = SECOND.replace(false);
        if !is_second && !every(OFTEN) {
            return Start::Straight;
        }
        let now = Instant::now();
        let (cost, parallel) = (self.in_order.nanos(), self.parallel[Place::Warm as usize].nanos());
        let close = Duration::from_nanos(cost.saturating_mul(CLOSE));
        if !is_second {
            SECOND.set(true);
        } else if LAST.get().is_some_and(|last| now.saturating_duration_since(last) < close)
            && cost >= nanos(context.parallel_from())
            && (parallel < cost - cost / 64 || every(seldom(parallel, cost).max(64)))
        {
            crew::call_ahead(context);
        }
        Start::Timed(now)
    }

    /// Notes what a run in the parallel form cost, with parts that were busy for so long and took so long.
    #[cold]
    pub(crate) fn ended_parallel(&self, watch: Watch, busy: u64, took: u64) {
        match watch {
            Watch::Nothing => {}
            Watch::End => LAST.set(Some(Instant::now())),
            Watch::Whole(place, start) => {
                let took = ended_since(start);
                self.parallel[place as usize].took(took);
                // However well it went, the threads were not busier than this.
                self.in_order.at_most(nanos(took).saturating_mul(pool::width() as u64));
            }
            Watch::Tasks(start) => {
                let in_order = (nanos(ended_since(start)) + busy).saturating_sub(took);
                self.was_busy(Duration::from_nanos(in_order));
            }
        }
    }
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

#[cfg(all(test, not(loom)))]
mod tests;
