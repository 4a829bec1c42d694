//! The bucket behind a budget: one number, so that what is put in and taken out at the same time adds up.
//!
//! What time brings is not put in, but counted: `brought` units in all since the beginning. The bucket then holds
//! `brought + size - spent`, where `spent` is what was taken out, less what was put in. It cannot hold more than `size`, so
//! `spent` counts as `brought` at least. Who puts something in need not know the time for that: to raise `spent` to what
//! was brought is left to who takes out, and comes to the same, since `brought` only grows.

use self::word::Word;

#[cfg(all(loom, test))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
mod word;

// Apart from what is written by every call of the operator.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Bucket {
    size: u64,
    spent: Word,
    /// What time had brought when something was last taken out. As long as no more is spent, the bucket is full.
    brought: Word,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(size: u64) -> Self {
        Self { size, spent: Word::new(0), brought: Word::new(0) }
    }

    /// Puts something in. If the bucket is full, this only reads.
    #[inline(always)]
    pub(super) fn deposit(&self, units: u64) {
        let brought = self.brought.get();
        if self.spent.get() > brought {
            self.fill(units, brought);
        }
    }

    #[cold]
    #[inline(never)]
    fn fill(&self, units: u64, brought: u64) {
        self.spent.update(|spent| (spent > brought).then(|| spent.saturating_sub(units).max(brought)));
    }

    /// Takes something out, if there is so much.
    pub(super) fn withdraw(&self, units: u64, brought: u64) -> bool {
        let brought = self.brought.raise(brought);
        self.spent.update(|spent| {
            let spent = spent.max(brought) + units;
            (spent <= brought.saturating_add(self.size)).then_some(spent)
        })
    }
}
