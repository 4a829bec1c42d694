//! Values that are counted: what a run makes it must drop exactly once, whichever way it ends.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ember::operator;

use super::Refused;

/// What one run made and dropped, and the marks that it set. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// How often each value was dropped, in the order in which they were made.
    drops: Mutex<Vec<usize>>,
    marks: Mutex<Vec<usize>>,
    /// Of each `for` with a bound: how many items are under way, and how many were at most.
    items: Mutex<BTreeMap<usize, (usize, usize)>>,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    /// Whether there is a clone of it yet. Values have one, and so has what calls of a graph borrow.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// How many values were made.
    pub fn made(&self) -> usize {
        lock(&self.0.drops).len()
    }

    /// How many values were dropped.
    pub fn dropped(&self) -> usize {
        lock(&self.0.drops).iter().sum()
    }

    /// The first value that was not dropped once, with how often it was.
    pub fn not_once(&self) -> Option<(usize, usize)> {
        lock(&self.0.drops).iter().copied().enumerate().find(|(_, drops)| *drops != 1)
    }

    /// The marks in the order in which they were set.
    pub fn marks(&self) -> Vec<usize> {
        lock(&self.0.marks).clone()
    }

    /// How many items of each `for` that has a bound were under way at most.
    pub fn items(&self) -> BTreeMap<usize, usize> {
        lock(&self.0.items).iter().map(|(each, (_, most))| (*each, *most)).collect()
    }

    fn count_one(&self) -> usize {
        let mut drops = lock(&self.0.drops);
        drops.push(0);
        drops.len() - 1
    }

    fn drop_one(&self, value: usize) {
        lock(&self.0.drops)[value] += 1;
    }
}

/// An owned value that is counted. It shows its number only, so that runs compare equal.
pub struct Tracked {
    tally: Tally,
    /// Which of the run's values it is.
    id: usize,
    number: usize,
}

impl Tracked {
    fn new(tally: &Tally, number: usize) -> Self {
        Self { tally: tally.clone(), id: tally.count_one(), number: number % 997 }
    }

    /// A value that counts as this one: it is as if this one were dropped twice.
    #[must_use]
    pub fn counted_as_this(&self) -> Self {
        Self { tally: self.tally.clone(), id: self.id, number: self.number }
    }
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        Self::new(&self.tally, self.number)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.tally.drop_one(self.id);
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tracked({})", self.number)
    }
}

/// A counted value that borrows another, and whose drop uses the borrow: the compiler holds the other in its
/// place until this one is gone.
pub struct View<'a> {
    of: &'a Tracked,
    id: usize,
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.of.tally.drop_one(self.id);
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({:?})", self.of)
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
    View { of: value, id: value.tally.count_one() }
}

/// Borrows a view.
#[operator]
pub fn glance(view: &View<'_>) -> usize {
    view.of.number + 2
}

/// Takes a view.
#[operator]
pub fn close(view: View<'_>) -> usize {
    view.of.number + 3
}

/// Sets a mark that the test finds: whether the node ran, how often, and in which order.
#[operator]
pub fn mark(tally: &Tally, mark: usize, number: usize) -> usize {
    lock(&tally.0.marks).push(mark);
    (number + mark) % 997
}

/// An item of a `for` that has a bound, while it is under way.
#[derive(Debug)]
pub struct UnderWay {
    tally: Tally,
    each: usize,
}

impl UnderWay {
    /// Counts an item of the `for` of this number.
    #[must_use]
    pub fn new(tally: &Tally, each: usize) -> Self {
        let mut items = lock(&tally.0.items);
        let (now, most) = items.entry(each).or_default();
        *now += 1;
        *most = (*most).max(*now);
        Self { tally: tally.clone(), each }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some((now, _)) = lock(&self.tally.0.items).get_mut(&self.each) {
            *now -= 1;
        }
    }
}
