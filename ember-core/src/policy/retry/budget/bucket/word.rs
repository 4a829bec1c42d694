//! A number of 64 bits that threads change together.

#[cfg(target_has_atomic = "64")]
mod atomic {
    use crate::sync::AtomicU64;
    use crate::sync::Ordering::Relaxed;

    /// Nothing but the number itself is told between threads, so no access orders any other.
    #[derive(Debug)]
    pub(in super::super) struct Word(AtomicU64);

    impl Word {
        pub(in super::super) fn new(value: u64) -> Self {
            Self(AtomicU64::new(value))
        }

        #[inline(always)]
        pub(in super::super) fn get(&self) -> u64 {
            self.0.load(Relaxed)
        }

        /// Makes it as large as `to` at least, and gives what it is then.
        pub(in super::super) fn raise(&self, to: u64) -> u64 {
            self.0.fetch_max(to, Relaxed).max(to)
        }

        /// Changes it, if `change` gives something. Tells whether it did.
        pub(in super::super) fn update(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
            self.0.fetch_update(Relaxed, Relaxed, change).is_ok()
        }
    }
}

/// Where atomics have 32 bits, under a lock.
#[cfg(not(target_has_atomic = "64"))]
mod locked {
    use crate::sync::{Mutex, lock};

    #[derive(Debug)]
    pub(in super::super) struct Word(Mutex<u64>);

    impl Word {
        pub(in super::super) fn new(value: u64) -> Self {
            Self(Mutex::new(value))
        }

        pub(in super::super) fn get(&self) -> u64 {
            *lock(&self.0)
        }

        pub(in super::super) fn raise(&self, to: u64) -> u64 {
            let mut value = lock(&self.0);
            *value = to.max(*value);
            *value
        }

        pub(in super::super) fn update(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
            let mut value = lock(&self.0);
            let changed = change(*value);
            *value = changed.unwrap_or(*value);
            changed.is_some()
        }
    }
}

#[cfg(target_has_atomic = "64")]
pub(super) use atomic::Word;
#[cfg(not(target_has_atomic = "64"))]
pub(super) use locked::Word;
