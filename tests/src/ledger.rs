//! Values that tell when they are dropped.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Writes down which values are made and dropped.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    /// How often each value was dropped, by its number.
    drops: Vec<usize>,
    /// The names of dropped values, in order.
    order: Vec<String>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value under watch.
    pub fn value(&self, name: impl Into<String>) -> Tracked {
        let mut book = self.book();
        let number = book.drops.len();
        book.drops.push(0);
        Tracked { name: name.into(), number, ledger: self.clone() }
    }

    /// The names of the values dropped so far, in order.
    pub fn order(&self) -> Vec<String> {
        self.book().order.clone()
    }

    /// How many values were made.
    pub fn made(&self) -> usize {
        self.book().drops.len()
    }

    /// Checks that every value made was dropped, and none twice.
    ///
    /// # Panics
    ///
    /// When it is not so.
    #[track_caller]
    pub fn assert_balanced(&self) {
        let drops = self.book().drops.clone();
        assert!(drops.iter().all(|&drops| drops == 1), "drops per value: {drops:?}");
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        book.order.push(std::mem::take(&mut self.name));
    }
}
