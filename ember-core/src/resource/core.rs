//! What a resource has once it was asked for, apart from where it stands: loads that go on elsewhere hold on to it.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::builder::Settings;
use super::error::{Cause, LoadError};
use super::load::{Called, Mode, Source, sealed};
use super::machine::{Joined, Kind, Lead, Life, Machine, Turn, Want};
use super::status::{LastFailure, Status};
use crate::Context;
use crate::policy::Delays;
use crate::policy::inside::Rank;
use crate::policy::time::Time;
use crate::policy::wait::{patience, turn};
use crate::sync::{Mutex, lock};
use crate::watch::{self, Registration, State};

/// A load of a resource.
pub(super) type LeadOf<T> = Lead<Arc<T>, Cause>;

/// See the [module](self).
pub struct Core<T: 'static, L: sealed::Mode> {
    pub(super) name: Arc<str>,
    pub(super) loader: Source<L::Load<T>>,
    pub(super) machine: Arc<Machine<Arc<T>, Cause>>,
    pub(super) rank: Rank,
    pub(super) time: Time,
    /// Between loads that fail.
    delays: Mutex<Option<Delays>>,
    life: Option<Life>,
    /// Whether the time matters to those who ask.
    is_timed: bool,
    _seen: Registration,
}

impl<T: Send + Sync + 'static, L: Mode> Core<T, L> {
    pub(super) fn new(loader: &Source<L::Load<T>>, settings: &Settings) -> Arc<Self> {
        let life = settings.life();
        let delays = settings.delays();
        let name = settings.name.clone().unwrap_or_else(|| Arc::from(std::any::type_name::<T>()));
        let look = |core: &Weak<Self>| {
            let core = Weak::clone(core);
            move || core.upgrade().map(|core| State::Resource(core.status()))
        };
        Arc::new_cyclic(|core| Self {
            _seen: watch::register(Arc::clone(&name), look(core)),
            name,
            loader: loader.clone(),
            machine: Arc::new(Machine::new(life)),
            rank: Rank::new(),
            time: settings.time.clone(),
            is_timed: life.is_some() || delays.is_some(),
            delays: Mutex::new(delays),
            life,
        })
    }

    /// What stands in its place in the current context.
    pub(super) fn instead(&self) -> Option<Arc<T>> {
        let instead = Context::__with(|context| context.instead_of(self.id()))?;
        instead.downcast().ok()
    }

    /// What tells it from others as long as it is there.
    pub(super) fn id(&self) -> usize {
        Arc::as_ptr(&self.machine).addr()
    }

    /// Keeps what [`id`](Self::id) tells.
    pub(super) fn anchor(&self) -> Arc<dyn Any + Send + Sync> {
        self.machine.clone()
    }

    pub(super) fn peek(&self) -> Option<Arc<T>> {
        self.machine.peek(self.now())
    }

    pub(super) fn status(&self) -> Status {
        let look = self.machine.look();
        Status {
            loaded_at: look.kept.map(|(_, since)| since),
            is_loading: look.is_loading,
            failed: look.failed.map(|failed| LastFailure {
                at: failed.at,
                times: failed.times,
                backoff: failed.again.map(|again| again.saturating_duration_since(failed.at)),
                cause: failed.failure,
            }),
            waiting: look.waiting,
            refused: look.counts.refused,
            loads: look.counts.loads,
            failures: look.counts.failed,
            detached: look.counts.detached,
        }
    }

    fn now(&self) -> Option<Instant> {
        self.is_timed.then(|| self.time.here())
    }

    fn join(&self, want: Want, kind: Kind) -> Result<Step<T>, LoadError> {
        // A load that needs itself would not end.
        if self.rank.is_around() {
            let there = self.machine.look().kept;
            let circular = || LoadError::circular(&self.name);
            return there.map(|(value, _)| Step::Given(value)).ok_or_else(circular);
        }
        // A clock may be the user's, so it is asked before anything is locked.
        let now = self.now();
        let step = match self.machine.join(want, kind, now) {
            Joined::Found(value) => Step::Given(value),
            Joined::Refresh(value, lead) => Step::Refresh(value, lead),
            Joined::Failed(cause, left) => return Err(LoadError::earlier(&self.name, cause, left)),
            Joined::Busy => return Err(LoadError::busy(&self.name)),
            Joined::Lead(lead) => Step::Load(Some(lead)),
            Joined::Wait(ticket) if self.rank.may_wait() => Step::Wait(ticket),
            Joined::Wait(_) => Step::Load(None),
        };
        Ok(step)
    }

    /// Ends a load. It is detached from the beginning, if it had no lead.
    pub(super) fn land(
        &self,
        lead: Option<LeadOf<T>>,
        outcome: Result<T, Cause>,
    ) -> Result<Arc<T>, LoadError> {
        let stopped = if outcome.is_err() { Context::__with(|context| context.check().err()) } else { None };
        match outcome {
            Ok(value) => {
                let value = Arc::new(value);
                if let Some(lead) = lead {
                    lead.land(value.clone(), self.time.here());
                }
                Ok(value)
            }
            // That says nothing about what is loaded. The lead goes to another.
            Err(_) if let Some(why) = stopped => Err(LoadError::stopped(&self.name, why)),
            Err(cause) => {
                let mut retry_after = None;
                if let Some(lead) = lead {
                    lead.fail(cause.clone(), self.time.here(), |times, serves| {
                        retry_after = lock(&self.delays).as_mut().map(|delays| delays.after(times));
                        let part = self.life.filter(|_| serves).map(|life| life.fresh / 10);
                        retry_after.or(part)
                    });
                }
                Err(LoadError::failed(&self.name, cause, retry_after))
            }
        }
    }

    pub(super) async fn get_async(self: &Arc<Self>, mut want: Want) -> Result<Arc<T>, LoadError> {
        loop {
            let lead = match self.join(want, Kind::Future)? {
                Step::Given(value) => return Ok(value),
                Step::Refresh(value, lead) => {
                    if let Some(lead) = L::refresh(self.clone(), lead)
                        && let Some(Ok(newer)) = L::load(self.clone(), Some(lead)).await
                    {
                        return Ok(newer);
                    }
                    return Ok(value);
                }
                Step::Load(lead) => lead,
                Step::Wait(ticket) => {
                    let waited = patience::wait(ticket, Context::current()).await;
                    match waited.map_err(|why| LoadError::stopped(&self.name, why))? {
                        Turn::Lead(lead) => Some(lead),
                        Turn::Again(wanted) => {
                            want = wanted;
                            continue;
                        }
                    }
                }
            };
            if let Some(outcome) = L::load(self.clone(), lead).await {
                return outcome;
            }
        }
    }
}

impl<T: Send + Sync + 'static> Core<T, Called> {
    pub(super) fn get(self: &Arc<Self>, mut want: Want) -> Result<Arc<T>, LoadError> {
        loop {
            let lead = match self.join(want, Kind::Thread)? {
                Step::Given(value) => return Ok(value),
                Step::Refresh(value, lead) => {
                    drop(<Called as sealed::Mode>::refresh(self.clone(), lead));
                    return Ok(value);
                }
                Step::Load(lead) => lead,
                Step::Wait(mut ticket) => {
                    let waited = turn::wait(&mut ticket, None, &Time::NONE, &Context::current());
                    match waited.map_err(|why| LoadError::stopped(&self.name, why))? {
                        Some(Turn::Lead(lead)) => Some(lead),
                        Some(Turn::Again(wanted)) => {
                            want = wanted;
                            continue;
                        }
                        None => unreachable!("no moment ends the wait"),
                    }
                }
            };
            return self.load_here(lead);
        }
    }
}

/// What to do next.
enum Step<T> {
    Given(Arc<T>),
    Refresh(Arc<T>, LeadOf<T>),
    /// Without a lead nobody else gets to know of it.
    Load(Option<LeadOf<T>>),
    Wait(super::machine::Ticket<Arc<T>, Cause>),
}
