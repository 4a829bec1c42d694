//! Values that tell when they are dropped.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Writes down which values are made and dropped.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    book: Mutex<Book>,
    dropped: Condvar,
}

#[derive(Debug, Default)]
struct Book {
    /// The names of all values, by number.
    names: Vec<String>,
    /// How often each value was dropped, by its number.
    drops: Vec<usize>,
    /// The names of dropped values, in order, and the threads that dropped them.
    order: Vec<String>,
    threads: Vec<ThreadId>,
    /// How often each value is lent at the moment, by its number.
    lent: Vec<usize>,
    /// The names of values that were dropped while they were lent.
    early: Vec<String>,
}

impl Book {
    fn left(&self) -> Vec<String> {
        let all = self.names.iter().zip(&self.drops);
        all.filter(|(_, drops)| **drops == 0).map(|(name, _)| name.clone()).collect()
    }
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value under watch.
    pub fn value(&self, name: impl Into<String>) -> Tracked {
        let name = name.into();
        let mut book = self.book();
        let number = book.drops.len();
        book.names.push(name.clone());
        book.drops.push(0);
        book.lent.push(0);
        Tracked { name, number, ledger: self.clone() }
    }

    /// The names of the values dropped so far, in order.
    pub fn order(&self) -> Vec<String> {
        self.book().order.clone()
    }

    /// The threads on which values of this name were dropped so far, in order.
    pub fn threads(&self, name: &str) -> Vec<ThreadId> {
        let book = self.book();
        let all = book.order.iter().zip(&book.threads);
        all.filter(|(dropped, _)| *dropped == name).map(|(_, thread)| *thread).collect()
    }

    /// The names of the values that were made and not dropped, in the order in which they were made.
    pub fn left(&self) -> Vec<String> {
        self.book().left()
    }

    /// Waits until all values that were made are dropped.
    ///
    /// # Panics
    ///
    /// When they are not within half a minute: before a [`Minute`](crate::Minute) ends the process.
    #[track_caller]
    pub fn wait_until_all_are_dropped(&self) {
        let end = Instant::now() + Duration::from_secs(30);
        let mut book = self.book();
        while book.drops.contains(&0) {
            let rest = end.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero(), "not dropped within half a minute: {:?}", book.left());
            book = self.0.dropped.wait_timeout(book, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How many values were made.
    pub fn made(&self) -> usize {
        self.book().drops.len()
    }

    /// Checks that every value made was dropped, none twice, and none while it was lent.
    ///
    /// # Panics
    ///
    /// When it is not so.
    #[track_caller]
    pub fn assert_balanced(&self) {
        let (drops, early) = {
            let book = self.book();
            (book.drops.clone(), book.early.clone())
        };
        assert!(drops.iter().all(|&drops| drops == 1), "drops per value: {drops:?}");
        assert!(early.is_empty(), "dropped while they were lent: {early:?}");
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value whose drop is written down.
pub struct Tracked {
    name: String,
    number: usize,
    ledger: Ledger,
}

impl Tracked {
    /// The value's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ledger that watches it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Notes that somebody works with it, until the loan is dropped. It must not be dropped before, which the ledger
    /// finds out even where the compiler was told not to.
    pub fn lend(&self) -> Loan {
        self.ledger.book().lent[self.number] += 1;
        Loan { number: self.number, ledger: self.ledger.clone() }
    }
}

/// Says that a value is in use.
#[derive(Debug)]
#[must_use = "a loan that is dropped is over"]
pub struct Loan {
    number: usize,
    ledger: Ledger,
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.ledger.book().lent[self.number] -= 1;
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        self.ledger.value(self.name.clone())
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tracked({})", self.name)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let mut book = self.ledger.book();
        book.drops[self.number] += 1;
        if book.lent[self.number] > 0 {
            book.early.push(self.name.clone());
        }
        book.order.push(std::mem::take(&mut self.name));
        book.threads.push(thread::current().id());
        self.ledger.0.dropped.notify_all();
    }
}
