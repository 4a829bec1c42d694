//! Where a caller and the thread that works for it meet.

use std::sync::Arc;
use std::task::Wake;

use crate::sync::{Mutex, Thread, current_thread, lock};

/// Between a caller and the thread that works for it.
pub(crate) struct Meeting<T> {
    state: Mutex<Met<T>>,
    caller: Thread,
}

enum Met<T> {
    Runs,
    Done(T),
    /// The caller has left.
    Left,
}

impl<T: Send + 'static> Wake for Meeting<T> {
    fn wake(self: Arc<Self>) {
        self.caller.unpark();
    }
}

impl<T> Meeting<T> {
    /// With this thread as the caller.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(Met::Runs), caller: current_thread() })
    }

    /// The value, if it is there. Else the caller leaves, unless it stays on.
    pub(crate) fn take(&self, leaves: bool) -> Option<T> {
        let mut state = lock(&self.state);
        match std::mem::replace(&mut *state, if leaves { Met::Left } else { Met::Runs }) {
            Met::Done(value) => Some(value),
            _ => None,
        }
    }

    /// Gives the value to the caller.
    ///
    /// # Errors
    ///
    /// The value, if the caller has left.
    pub(crate) fn give(&self, value: T) -> Result<(), T> {
        let mut state = lock(&self.state);
        if matches!(*state, Met::Left) {
            return Err(value);
        }
        *state = Met::Done(value);
        drop(state);
        self.caller.unpark();
        Ok(())
    }
}
