//! Whether what a thread runs are items of a batch or a stream, and whether other threads have such items too.

use std::cell::Cell;

/// Whether what a thread runs are items of a batch or a stream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lot {
    Not,
    It,
    /// And there are lots for other threads.
    AmongOthers,
}

thread_local! {
    static IN_A_LOT: Cell<Lot> = const { Cell::new(Lot::Not) };
}

/// While this is kept, what this thread runs are items of a batch or a stream.
pub(crate) struct InALot(Lot);

impl InALot {
    pub(crate) fn enter() -> Self {
        Self::at_least(Lot::It)
    }

    /// And other lots wait: who helped with an item of this one would let them wait, so none is shared out.
    pub(crate) fn among_others() -> Self {
        Self::at_least(Lot::AmongOthers)
    }

    /// What runs is nothing of the lot: work of others that is done while an item waits.
    pub(super) fn leave() -> Self {
        Self(IN_A_LOT.replace(Lot::Not))
    }

    fn at_least(lot: Lot) -> Self {
        Self(IN_A_LOT.replace(IN_A_LOT.get().max(lot)))
    }
}

impl Drop for InALot {
    fn drop(&mut self) {
        IN_A_LOT.set(self.0);
    }
}

/// Whether this thread runs items of a lot.
pub(super) fn is_here() -> bool {
    IN_A_LOT.get() != Lot::Not
}

/// Whether it does, and there are lots for other threads.
pub(crate) fn is_among_others() -> bool {
    IN_A_LOT.get() == Lot::AmongOthers
}
