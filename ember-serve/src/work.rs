//! Functions of the program, called away from the server's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ember_core::error::__discard;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A function that may take long, or hang. It is called once at a time: who asks meanwhile gets the answer of the call that is
/// under way. Who has no answer in time is told so, and a call that hangs keeps one thread and no more.
pub(crate) struct Work<T> {
    call: Arc<dyn Fn() -> T + Send + Sync>,
    under_way: Arc<Mutex<Option<Answer<T>>>>,
    limit: Duration,
}

/// Where the answer will be.
type Answer<T> = watch::Receiver<Option<Result<T, NoAnswer>>>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    Late,
    Panicked,
}

impl<T: Clone + Send + Sync + 'static> Work<T> {
    pub(crate) fn new(call: impl Fn() -> T + Send + Sync + 'static, limit: Duration) -> Self {
        Self { call: Arc::new(call), under_way: Arc::default(), limit }
    }

    pub(crate) async fn ask(&self) -> Result<T, NoAnswer> {
        let mut answer = self.answer();
        let Ok(Ok(said)) = timeout(self.limit, answer.wait_for(Option::is_some)).await else {
            return Err(NoAnswer::Late);
        };
        said.clone().unwrap_or(Err(NoAnswer::Late))
    }

    /// That of the call that is under way, or of one that begins.
    fn answer(&self) -> Answer<T> {
        let mut under_way = lock(&self.under_way);
        // One whose runtime went away is never answered.
        if let Some(answer) = &*under_way
            && answer.has_changed().is_ok()
        {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        *under_way = Some(answer.clone());
        let (call, place) = (self.call.clone(), self.under_way.clone());
        spawn_blocking(move || {
            let said = catch_unwind(AssertUnwindSafe(|| call()));
            // The next who asks begins a call of his own.
            let mine = lock(&place).take();
            sender.send_replace(Some(said.map_err(|payload| {
                __discard(payload);
                NoAnswer::Panicked
            })));
            drop(mine);
        });
        answer
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
