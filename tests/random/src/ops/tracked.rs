//! Values that are counted: what a run makes it must drop exactly once, whichever way it ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ember::operator;

use super::Refused;

/// What one run made and dropped, and the marks that it set. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    made: AtomicUsize,
    dropped: AtomicUsize,
    marks: Mutex<Vec<usize>>,
}

impl Tally {
    /// How many values were made.
    pub fn made(&self) -> usize {
        self.0.made.load(Ordering::SeqCst)
    }

    /// How many values were dropped.
    pub fn dropped(&self) -> usize {
        self.0.dropped.load(Ordering::SeqCst)
    }

    /// The marks in the order in which they were set.
    pub fn marks(&self) -> Vec<usize> {
        self.0.marks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count_one(&self) -> Self {
        self.0.made.fetch_add(1, Ordering::SeqCst);
        self.clone()
    }

    fn drop_one(&self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// An owned value that is counted. It shows its number only, so that runs compare equal.
pub struct Tracked {
    tally: Tally,
    number: usize,
}

impl Tracked {
    fn new(tally: &Tally, number: usize) -> Self {
        Self { tally: tally.count_one(), number: number % 997 }
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        Self::new(&self.tally, self.number)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.tally.drop_one();
    }
}

impl std::fmt::Debug for Tracked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tracked({})", self.number)
    }
}

/// A counted value that borrows another, and whose drop uses the borrow: the compiler holds the other in its
/// place until this one is gone.
#[derive(Debug)]
pub struct View<'a>(&'a Tracked);

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.0.tally.drop_one();
    }
}

/// A counted value.
#[operator]
pub fn make(tally: &Tally, number: usize) -> Tracked {
    Tracked::new(tally, number)
}

/// A counted value, or none.
///
/// # Errors
/// One number in six is out of luck.
#[operator]
pub fn risk(tally: &Tally, number: usize) -> Result<Tracked, Refused> {
    let made = Tracked::new(tally, number);
    if number % 6 == 5 { Err(Refused::Unlucky(number)) } else { Ok(made) }
}

/// Borrows a counted value.
#[operator]
pub fn peek(value: &Tracked) -> usize {
    value.number
}

/// Takes one value, borrows another, gives a third.
#[operator]
pub fn merge(taken: Tracked, kept: &Tracked) -> Tracked {
    Tracked::new(&taken.tally, taken.number * 2 + kept.number)
}

/// Takes a counted value and gives the same one.
#[operator]
pub fn again(value: Tracked) -> Tracked {
    value
}

/// Takes a counted value.
#[operator]
pub fn retire(value: Tracked) -> usize {
    value.number + 1
}

/// A view of a value.
#[operator]
pub fn view(value: &Tracked) -> View<'_> {
    value.tally.0.made.fetch_add(1, Ordering::SeqCst);
    View(value)
}

/// Borrows a view.
#[operator]
pub fn glance(view: &View<'_>) -> usize {
    view.0.number + 2
}

/// Takes a view.
#[operator]
pub fn close(view: View<'_>) -> usize {
    view.0.number + 3
}

/// Sets a mark that the test finds: whether the node ran, how often, and in which order.
#[operator]
pub fn mark(tally: &Tally, mark: usize, number: usize) -> usize {
    tally.0.marks.lock().unwrap_or_else(PoisonError::into_inner).push(mark);
    (number + mark) % 997
}
