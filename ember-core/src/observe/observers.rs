//! All observers of one context.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64};
use std::sync::{Arc, OnceLock};

use super::observer::AlreadyInstalled;
use super::scope::Scopes;
use super::{Event, Observer, What, timeline};
use crate::context::Context;
use crate::error::__discard;

/// After so many panics an observer is not called any more.
const PATIENCE: u8 = 3;

/// Whether any context of the process has ever had an observer: what policies ask first.
static ANY: AtomicBool = AtomicBool::new(false);
static PANICS: AtomicU64 = AtomicU64::new(0);
static INSTALLED: OnceLock<Arc<Observers>> = OnceLock::new();

#[inline(always)]
pub(super) fn any() -> bool {
    ANY.load(Relaxed)
}

/// How many panics of observers have been caught in this process.
pub fn observer_panics() -> u64 {
    PANICS.load(Relaxed)
}

pub(crate) fn installed() -> Option<&'static Arc<Observers>> {
    INSTALLED.get().or_else(from_environment)
}

/// The one that the environment asks for, which is told beside one that is installed.
fn from_environment() -> Option<&'static Arc<Observers>> {
    static ASKED: OnceLock<Option<Arc<Observers>>> = OnceLock::new();
    let ask = || Some(Observers::new(None, vec![timeline::from_environment()?]));
    ASKED.get_or_init(ask).as_ref()
}

pub(super) fn install(observers: Vec<Arc<dyn Observer>>) -> Result<(), AlreadyInstalled> {
    let above = from_environment().map(|observers| &**observers);
    INSTALLED.set(Observers::new(above, observers)).map_err(|_| AlreadyInstalled)?;
    Context::observe_default();
    Ok(())
}

pub(crate) struct Observers(Vec<Arc<Guarded>>);

struct Guarded {
    observer: Arc<dyn Observer>,
    wants_values: bool,
    panics: AtomicU8,
}

impl Observers {
    /// Those of the surroundings, and further ones.
    pub(crate) fn new(above: Option<&Self>, own: Vec<Arc<dyn Observer>>) -> Arc<Self> {
        ANY.store(true, Relaxed);
        let own = own.into_iter().map(|observer| {
            let wants_values = observer.wants_values();
            Arc::new(Guarded { observer, wants_values, panics: AtomicU8::new(0) })
        });
        Arc::new(Self(above.into_iter().flat_map(|above| above.0.iter().cloned()).chain(own).collect()))
    }

    pub(super) fn tell(&self, mut event: Event<'_>) {
        let is_value = matches!(event.what, What::CalledWith { .. } | What::Gave { .. });
        for (observer, guarded) in self.0.iter().enumerate() {
            if is_value && !guarded.wants_values {
                continue;
            }
            event.observer = observer;
            guarded.call(|it| it.event(&event));
        }
    }

    /// Whether one of them wants what operators let be logged.
    pub(super) fn want_values(&self) -> bool {
        self.0.iter().any(|guarded| guarded.wants_values)
    }

    /// What accompanies the run or the node that starts.
    pub(super) fn scopes(&self, mut event: Event<'_>) -> Scopes {
        let mut scopes = Scopes::default();
        for (observer, guarded) in self.0.iter().enumerate() {
            event.observer = observer;
            if let Some(scope) = guarded.call(|it| it.scope(&event)).flatten() {
                scopes.add(observer, scope);
            }
        }
        scopes
    }
}

/// Counts a panic of an observer, and drops what it panicked with.
pub(super) fn note_panic(payload: Box<dyn Any + Send>) {
    PANICS.fetch_add(1, Relaxed);
    __discard(payload);
}

impl Guarded {
    /// Calls the observer, unless it has panicked too often. Nothing, if it panics.
    fn call<R>(&self, f: impl FnOnce(&dyn Observer) -> R) -> Option<R> {
        if self.panics.load(Relaxed) >= PATIENCE {
            return None;
        }
        let called = catch_unwind(AssertUnwindSafe(|| f(&*self.observer)));
        let note = |payload| {
            let one_more = |panics: u8| Some(panics.saturating_add(1));
            // It changes nothing to fail, as it cannot.
            let _ = self.panics.fetch_update(Relaxed, Relaxed, one_more);
            note_panic(payload);
        };
        called.map_err(note).ok()
    }
}
