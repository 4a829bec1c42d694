//! A fan-out whose items are called for in lots: first what each item is called with, then one call, then what comes of
//! each.

use std::any::Any;
use std::cell::Cell;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Tally;
use crate::bounds::CrossesByValue;
use crate::crossing::{Collected, Items, Through};
use crate::raw::crossing::Crossing;
use crate::run::{Construct, Halted, Level, Lined};

/// What becomes of the items of one lot.
pub(crate) trait InLots: Sync {
    /// What an item is.
    type Item: Send;
    /// The items of one lot, so far.
    type Lot;
    /// What the call gives for one.
    type Answer;
    /// What the item gives.
    type Value: Send;

    /// An empty lot.
    fn lot(&self) -> Self::Lot;

    /// Adds an item.
    fn put(
        &self,
        lot: &Self::Lot,
        level: &Level<'_>,
        at: &Cell<u32>,
        index: usize,
        item: Self::Item,
    ) -> Result<(), Halted>;

    /// Calls for those that were added.
    fn call(&self, lot: Self::Lot) -> Vec<Self::Answer>;

    /// What the item gives.
    fn settle(
        &self,
        level: &Level<'_>,
        at: &Cell<u32>,
        index: usize,
        answer: Self::Answer,
    ) -> Result<Self::Value, Halted>;
}

/// Runs the items in lots of so many, results in order. Workers claim whole lots.
///
/// # Errors
///
/// If some items did not finish. The failures are with the run by then.
pub(crate) fn fan_out_in_lots<S, L>(
    place: &Construct<'_>,
    items: S,
    size: usize,
    body: &L,
) -> Result<Vec<L::Value>, Halted>
where
    S: Items<Item = L::Item>,
    L: InLots,
{
    let mut items = all(items).into_iter();
    let count = items.len();
    let mut lots = Vec::with_capacity(count.div_ceil(size));
    while items.len() > 0 {
        lots.push(items.by_ref().take(size).collect::<Vec<_>>());
    }
    let crossing = Crossing::<_, Vec<L::Value>>::new((&mut Through::new(lots.into_iter())).items());
    let tally = Tally::new();
    let work = |_: &dyn Fn(usize) -> usize| {
        let Some(mut claimed) = crossing.claim(|_| 1) else { return 0 };
        let start = claimed.first() * size;
        let one = One { place, tally: &tally, body };
        // A lot that fails leaves a hole; what failed is with the run by then.
        let _ = claimed.run(|_, items| one.run(start, items));
        1
    };
    place.run(&work, &|| !crossing.is_claimed());
    let finished = tally.finished.into_inner();
    place.finish(finished, finished + tally.halted.into_inner(), count)?;
    let lots = crossing.into_results().expect("each lot has ended well");
    Ok(lots.into_iter().flatten().collect())
}

/// The items, wherever they are.
fn all<S: Items<Item: CrossesByValue>>(items: S) -> Vec<S::Item> {
    let crossing = Crossing::<S, S::Item>::new(items);
    if let Some(mut lot) = crossing.claim(|left| left) {
        let taken = lot.run(|_, item| Ok::<_, Infallible>(item));
        match taken {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }
    crossing.into_results().expect("all items have been taken")
}

/// One lot.
struct One<'l, L> {
    place: &'l Construct<'l>,
    tally: &'l Tally,
    body: &'l L,
}

impl<L: InLots> One<'_, L> {
    /// Items that fail, or are not called for, keep those behind them from being so, and no others.
    fn run(&self, start: usize, items: Vec<L::Item>) -> Result<Vec<L::Value>, Halted> {
        let Self { place, tally, body } = *self;
        let (count, at) = (items.len(), Cell::new(place.node));
        let level = Lined::new(place.item(start));
        let lot = body.lot();
        let _frame = place.level.core.frame();
        // The nodes of the items, of which the call is made for all together.
        let mut open = Vec::new();
        let (mut put, mut halted) = (0, 0);
        for (index, item) in (start..).zip(items) {
            level.go_on(index);
            match catch_unwind(AssertUnwindSafe(|| body.put(&lot, &level, &at, index, item))) {
                Ok(Ok(())) => {
                    open.push(place.level.core.take_up(at.get()));
                    put += 1;
                }
                Ok(Err(Halted)) => {
                    halted += 1;
                    break;
                }
                Err(payload) => {
                    halted += 1;
                    self.panicked(&level, index, &at, payload);
                    break;
                }
            }
        }
        let answers = catch_unwind(AssertUnwindSafe(|| body.call(lot)));
        let answers = answers.unwrap_or_else(|payload| {
            level.go_on(start);
            if let Some(Some(first)) = open.first_mut() {
                first.put_down();
            }
            self.panicked(&level, start, &at, payload);
            Vec::new()
        });
        halted += put - answers.len();
        let mut values = Vec::with_capacity(count);
        for ((index, answer), node) in (start..).zip(answers).zip(&mut open) {
            level.go_on(index);
            if let Some(node) = node {
                node.put_down();
            }
            match catch_unwind(AssertUnwindSafe(|| body.settle(&level, &at, index, answer))) {
                Ok(Ok(value)) => values.push(value),
                Ok(Err(Halted)) => halted += 1,
                Err(payload) => {
                    halted += 1;
                    self.panicked(&level, index, &at, payload);
                }
            }
        }
        tally.ended(values.len(), halted);
        if values.len() == count { Ok(values) } else { Err(Halted) }
    }

    fn panicked(&self, level: &Level<'_>, index: usize, at: &Cell<u32>, payload: Box<dyn Any + Send>) {
        self.place.panicked(level, index, at.get(), payload);
    }
}
