//! Functions of the program, called away from the server's thread.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// A function that may take long, or hang. It is called once at a time; who has no answer in time is told so, and a call that
/// hangs keeps one thread and no more.
pub(crate) struct Work<T> {
    call: Arc<dyn Fn() -> T + Send + Sync>,
    turn: Arc<Semaphore>,
    limit: Duration,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    Late,
    Panicked,
}

impl<T: Send + 'static> Work<T> {
    pub(crate) fn new(call: impl Fn() -> T + Send + Sync + 'static, limit: Duration) -> Self {
        Self { call: Arc::new(call), turn: Arc::new(Semaphore::new(1)), limit }
    }

    pub(crate) async fn ask(&self) -> Result<T, NoAnswer> {
        let answer = async {
            let turn = self.turn.clone().acquire_owned().await.map_err(|_| NoAnswer::Late)?;
            let call = self.call.clone();
            let done = spawn_blocking(move || {
                let value = call();
                drop(turn);
                value
            });
            done.await.map_err(|_| NoAnswer::Panicked)
        };
        timeout(self.limit, answer).await.unwrap_or(Err(NoAnswer::Late))
    }
}

#[cfg(test)]
mod tests;
