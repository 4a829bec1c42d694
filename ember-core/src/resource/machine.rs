//! One value, and who loads it.
//!
//! ```text
//! Idle ── somebody asks ──▶ Led ── a value ──▶ Idle, for all who wait
//!  ▲                         │
//!  └── nobody is there ◀─────┴── a failure, or the leader is gone ──▶ Heir, the first of those who wait ──▶ Led
//! ```
//!
//! A load that a future begins on another thread is *queued* until that thread is there. It may be long in coming, and those
//! who keep it from coming may be threads that wait for the load: so a thread takes a queued load over.
//!
//! Loads have numbers in the order in which they begin. One who wants a value that is newer than his wish waits for a load
//! with a number above all that there were. What is cleared away takes the load with it that is under way: it is *detached*,
//! its number is nobody's any more, and what comes of it goes to its own caller alone.
//!
//! The machine knows no clock and calls nobody: who asks brings the time. What waits is woken, and values and failures are
//! dropped, when the lock is free.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use crate::policy::wait::turn::Wait;
use crate::sync::{Mutex, lock};

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

/// How many may wait for a load.
pub(super) const MOST_WAITING: usize = 1 << 16;

/// How long a value serves.
#[derive(Clone, Copy)]
pub(super) struct Life {
    /// Until it is loaded anew.
    pub(super) fresh: Duration,
    /// How long it may serve while that is done.
    pub(super) stale: Duration,
}

pub(super) struct Machine<V, F> {
    life: Option<Life>,
    state: Mutex<State<V, F>>,
}

struct State<V, F> {
    kept: Option<Kept<V>>,
    failed: Option<Failed<F>>,
    stage: Stage,
    /// The last number of a load, or of one who waits.
    last: u64,
    /// In the order of their numbers.
    waiters: VecDeque<Waiter>,
    counts: Counts,
}

struct Kept<V> {
    value: V,
    load: u64,
    since: Instant,
}

/// The last load failed.
#[derive(Clone)]
pub(super) struct Failed<F> {
    pub(super) failure: F,
    pub(super) at: Instant,
    /// When it may be tried again, if that is not at once.
    pub(super) again: Option<Instant>,
    /// So many in a row.
    pub(super) times: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Whoever comes, or looks, is to lead.
    Idle,
    /// By the load of this number, for which there is no thread yet.
    Queued(u64),
    /// By the load of this number.
    Led(u64),
    /// The one of this number is to lead. It is among those who wait no more.
    Heir(u64),
}

struct Waiter {
    no: u64,
    kind: Kind,
    /// The first load that will do.
    least: u64,
    waker: Option<Waker>,
    /// Does something else meanwhile, and so cannot lead.
    aside: bool,
}

/// What happened so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) loads: u64,
    pub(super) failed: u64,
    pub(super) detached: u64,
    pub(super) refused: u64,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Thread,
    Future,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) enum Want {
    Any,
    /// What begins to load from here on.
    Newer,
    /// A load with at least this number.
    Since(u64),
}

/// What to do about it.
pub(super) enum Joined<V, F> {
    Found(V),
    /// It serves meanwhile.
    Refresh(V, Lead<V, F>),
    Lead(Lead<V, F>),
    Wait(Ticket<V, F>),
    /// It is not to be tried again for so long.
    Failed(F, Duration),
    /// Too many wait.
    Busy,
}

/// How waiting ended.
pub(super) enum Turn<V, F> {
    Lead(Lead<V, F>),
    /// Something has changed: ask again.
    Again(Want),
}

/// Who is to be woken, and what of the user's is to be dropped, when the lock is free.
struct Aftermath<V, F> {
    wakers: Vec<Waker>,
    kept: Option<Kept<V>>,
    failed: Option<Failed<F>>,
}

impl<V, F> Default for Aftermath<V, F> {
    fn default() -> Self {
        Self { wakers: Vec::new(), kept: None, failed: None }
    }
}

impl<V, F> Drop for Aftermath<V, F> {
    fn drop(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

impl<V, F> State<V, F> {
    /// Whether one of this kind may lead at once.
    fn is_free_for(&self, kind: Kind) -> bool {
        match self.stage {
            Stage::Idle => true,
            Stage::Queued(_) => kind == Kind::Thread,
            Stage::Led(_) | Stage::Heir(_) => false,
        }
    }

    /// Somebody leads from here on.
    fn lead(&mut self) -> u64 {
        if let Stage::Queued(_) = self.stage {
            // That load will not begin.
            self.counts.loads -= 1;
        }
        self.last += 1;
        self.stage = Stage::Led(self.last);
        self.counts.loads += 1;
        self.last
    }

    /// Nobody leads any more.
    fn hand_over(&mut self, after: &mut Aftermath<V, F>) {
        self.stage = Stage::Idle;
        let can = |kind| move |waiter: &Waiter| !waiter.aside && waiter.kind == kind;
        let thread = self.waiters.iter().position(can(Kind::Thread));
        if let Some(at) = thread.or_else(|| self.waiters.iter().position(can(Kind::Future)))
            && let Some(heir) = self.waiters.remove(at)
        {
            self.stage = Stage::Heir(heir.no);
            after.wakers.extend(heir.waker);
        }
    }

    /// Lets those go for whom this load will do.
    fn release(&mut self, load: u64, after: &mut Aftermath<V, F>) {
        let waiters = mem::take(&mut self.waiters);
        let (gone, left) = waiters.into_iter().partition::<VecDeque<_>, _>(|waiter| waiter.least <= load);
        self.waiters = left;
        after.wakers.extend(gone.into_iter().filter_map(|waiter| waiter.waker));
    }

    fn place_of(&self, no: u64) -> Option<usize> {
        self.waiters.binary_search_by_key(&no, |waiter| waiter.no).ok()
    }
}

impl<V, F> Machine<V, F> {
    pub(super) fn new(life: Option<Life>) -> Self {
        let state = State {
            kept: None,
            failed: None,
            stage: Stage::Idle,
            last: 0,
            waiters: VecDeque::new(),
            counts: Counts::default(),
        };
        Self { life, state: Mutex::new(state) }
    }

    /// Begins anew: what there is, is forgotten, and what is under way detached.
    pub(super) fn clear(&self) {
        let mut after = Aftermath::default();
        let mut state = lock(&self.state);
        after.kept = state.kept.take();
        after.failed = state.failed.take();
        if let Stage::Led(_) | Stage::Queued(_) = state.stage {
            state.hand_over(&mut after);
        }
        drop(state);
        drop(after);
    }
}

impl<V: Clone, F: Clone> Machine<V, F> {
    /// Gives the value, or a part in getting it. Where values grow old, or failures are not tried again at once, the time
    /// matters.
    pub(super) fn join(self: &Arc<Self>, want: Want, kind: Kind, now: Option<Instant>) -> Joined<V, F> {
        let mut state = lock(&self.state);
        let least = match want {
            Want::Any => 0,
            Want::Newer => state.last + 1,
            Want::Since(load) => load,
        };
        if let Some(kept) = state.kept.as_ref().filter(|kept| kept.load >= least) {
            let value = kept.value.clone();
            match self.age(kept, now) {
                Age::Stale if state.stage == Stage::Idle && state.held_back(now).is_none() => {
                    let load = state.lead();
                    return Joined::Refresh(value, Lead { machine: Arc::clone(self), load, over: false });
                }
                Age::Fresh | Age::Stale => return Joined::Found(value),
                Age::Over => {}
            }
        }
        if least == 0
            && let Some((failed, left)) = state.held_back(now)
        {
            return Joined::Failed(failed.failure.clone(), left);
        }
        if state.is_free_for(kind) {
            let load = state.lead();
            return Joined::Lead(Lead { machine: Arc::clone(self), load, over: false });
        }
        if state.waiters.len() >= MOST_WAITING {
            state.counts.refused += 1;
            return Joined::Busy;
        }
        state.last += 1;
        let no = state.last;
        state.waiters.push_back(Waiter { no, kind, least, waker: None, aside: false });
        Joined::Wait(Ticket { machine: Arc::clone(self), no, kind, least, over: false })
    }

    /// The value, unless it is too old to serve.
    pub(super) fn peek(&self, now: Option<Instant>) -> Option<V> {
        let state = lock(&self.state);
        let kept = state.kept.as_ref()?;
        (!matches!(self.age(kept, now), Age::Over)).then(|| kept.value.clone())
    }

    /// What there is, and the failure since: no part is taken in anything.
    pub(super) fn look(&self) -> Look<V, F> {
        let state = lock(&self.state);
        Look {
            kept: state.kept.as_ref().map(|kept| (kept.value.clone(), kept.since)),
            failed: state.failed.clone(),
            is_loading: state.stage != Stage::Idle,
            waiting: state.waiters.len(),
            counts: state.counts,
        }
    }
}

/// See [`Machine::look`].
pub(super) struct Look<V, F> {
    pub(super) kept: Option<(V, Instant)>,
    pub(super) failed: Option<Failed<F>>,
    pub(super) is_loading: bool,
    pub(super) waiting: usize,
    pub(super) counts: Counts,
}

enum Age {
    Fresh,
    Stale,
    Over,
}

impl<V, F> Machine<V, F> {
    fn age(&self, kept: &Kept<V>, now: Option<Instant>) -> Age {
        let Some((life, now)) = self.life.zip(now) else { return Age::Fresh };
        let age = now.saturating_duration_since(kept.since);
        if age < life.fresh {
            Age::Fresh
        } else if age < life.fresh.saturating_add(life.stale) {
            Age::Stale
        } else {
            Age::Over
        }
    }
}

impl<V, F> State<V, F> {
    /// The failure after which it is not to be tried again yet, and for how long.
    fn held_back(&self, now: Option<Instant>) -> Option<(&Failed<F>, Duration)> {
        let failed = self.failed.as_ref()?;
        let left = failed.again?.saturating_duration_since(now?);
        (!left.is_zero()).then_some((failed, left))
    }
}

/// The load is this one's to do. Dropped, it goes to another.
pub struct Lead<V, F> {
    machine: Arc<Machine<V, F>>,
    load: u64,
    over: bool,
}

impl<V, F> Lead<V, F> {
    /// Hands the load to a thread that is still to come.
    pub(super) fn queue(&self) {
        let mut state = lock(&self.machine.state);
        if state.stage == Stage::Led(self.load) {
            state.stage = Stage::Queued(self.load);
        }
    }

    /// The thread is there. Tells whether the load is still to be done.
    pub(super) fn begin(&self) -> bool {
        let mut state = lock(&self.machine.state);
        let is_there = state.stage == Stage::Queued(self.load);
        if is_there {
            state.stage = Stage::Led(self.load);
        }
        is_there
    }

    /// Keeps the value, for all who wait, unless the load was detached.
    pub(super) fn land(mut self, value: V, now: Instant) {
        self.over = true;
        let mut after = Aftermath::default();
        let mut state = lock(&self.machine.state);
        if state.stage == Stage::Led(self.load) {
            after.kept = state.kept.replace(Kept { value, load: self.load, since: now });
            after.failed = state.failed.take();
            state.release(self.load, &mut after);
            state.hand_over(&mut after);
        } else {
            state.counts.detached += 1;
            after.kept = Some(Kept { value, load: self.load, since: now });
        }
        drop(state);
        drop(after);
    }

    /// Notes why there is no value. `delay` is told how many loads have failed in a row, and whether there is an older value.
    /// With a delay all who wait are told, else the first of them tries for himself.
    pub(super) fn fail(
        mut self,
        failure: F,
        now: Instant,
        delay: impl FnOnce(u32, bool) -> Option<Duration>,
    ) {
        self.over = true;
        let mut after = Aftermath::default();
        let mut state = lock(&self.machine.state);
        state.counts.failed += 1;
        if state.stage == Stage::Led(self.load) {
            let times = state.failed.as_ref().map_or(0, |failed| failed.times).saturating_add(1);
            let again = delay(times, state.kept.is_some()).and_then(|delay| now.checked_add(delay));
            after.failed = state.failed.replace(Failed { failure, at: now, again, times });
            if again.is_some() {
                // Those who want a newer value go on waiting for it.
                state.release(0, &mut after);
            }
            state.hand_over(&mut after);
        } else {
            state.counts.detached += 1;
        }
        drop(state);
        drop(after);
    }
}

impl<V, F> Drop for Lead<V, F> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut after = Aftermath::default();
        let mut state = lock(&self.machine.state);
        if state.stage == Stage::Led(self.load) || state.stage == Stage::Queued(self.load) {
            state.hand_over(&mut after);
        }
        drop(state);
        drop(after);
    }
}

/// A place among those who wait.
pub(super) struct Ticket<V, F> {
    machine: Arc<Machine<V, F>>,
    no: u64,
    kind: Kind,
    least: u64,
    over: bool,
}

impl<V, F> Wait for Ticket<V, F> {
    type Output = Turn<V, F>;

    fn poll(&mut self, waker: &Waker) -> Poll<Turn<V, F>> {
        let mut waker = Some(waker.clone());
        let mut state = lock(&self.machine.state);
        let at = state.place_of(self.no);
        let turn = if state.stage == Stage::Heir(self.no) || state.is_free_for(self.kind) && at.is_some() {
            let gone = at.and_then(|at| state.waiters.remove(at));
            let load = state.lead();
            drop(state);
            drop(gone);
            Turn::Lead(Lead { machine: Arc::clone(&self.machine), load, over: false })
        } else if let Some(at) = at {
            let waiter = &mut state.waiters[at];
            waiter.aside = false;
            mem::swap(&mut waiter.waker, &mut waker);
            drop(state);
            return Poll::Pending;
        } else {
            Turn::Again(if self.least == 0 { Want::Any } else { Want::Since(self.least) })
        };
        self.over = true;
        Poll::Ready(turn)
    }

    fn step_aside(&mut self) -> bool {
        let mut state = lock(&self.machine.state);
        match state.place_of(self.no) {
            Some(at) if !state.is_free_for(self.kind) => {
                state.waiters[at].aside = true;
                true
            }
            _ => false,
        }
    }
}

impl<V, F> Drop for Ticket<V, F> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut after = Aftermath::default();
        let mut state = lock(&self.machine.state);
        let gone = state.place_of(self.no).and_then(|at| state.waiters.remove(at));
        if state.stage == Stage::Heir(self.no) {
            state.hand_over(&mut after);
        }
        drop(state);
        drop((after, gone));
    }
}
