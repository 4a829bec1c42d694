//! Whose helpers the runs of a thread have, which its context says.

use std::cell::Cell;
use std::ptr;

use super::{COMMON, Crew, RUN};
use crate::context;

thread_local! {
    /// Whose helpers the runs of this thread have, if not the common ones, and how they are to be treated.
    static PLACE: Cell<Placement> = const { Cell::new(Placement::COMMON) };
}

/// Which crew helps what runs in a context, and how.
#[derive(Clone, Copy)]
pub(crate) struct Placement {
    pub(super) crew: Option<&'static Crew>,
    /// Whether other runs go first.
    pub(super) bulk: bool,
    /// Whether no more than some threads may work for it.
    bounded: bool,
}

impl Placement {
    pub(crate) const COMMON: Self = Self { crew: None, bulk: false, bounded: false };

    pub(crate) const fn new(crew: Option<&'static Crew>, bulk: bool, bounded: bool) -> Self {
        Self { crew, bulk, bounded }
    }

    /// Of what runs here. While the thread waits that is anybody's.
    #[inline]
    pub(super) fn here() -> Self {
        let place = PLACE.get();
        if place.is_common() || context::is_away() { Self::COMMON } else { place }
    }

    pub(crate) fn crew(self) -> &'static Crew {
        self.crew.unwrap_or(&COMMON)
    }

    const fn is_common(self) -> bool {
        self.crew.is_none() && !self.bulk && !self.bounded
    }

    fn is(self, other: Self) -> bool {
        let crew = |place: Self| place.crew.map(ptr::from_ref);
        crew(self) == crew(other) && self.bulk == other.bulk && self.bounded == other.bounded
    }
}

/// Takes a thread to the crew of a context, and back when it is dropped. A run of another crew is none of this one's.
pub(crate) struct Station(Option<(Placement, usize)>);

impl Station {
    #[inline]
    pub(crate) fn enter(place: Placement) -> Self {
        let was = PLACE.get();
        if place.is(was) { Self(None) } else { Self(Some((was, Self::go(was, place)))) }
    }

    #[cold]
    fn go(was: Placement, place: Placement) -> usize {
        PLACE.set(place);
        let is_same = was.crew.map(ptr::from_ref) == place.crew.map(ptr::from_ref);
        if is_same { RUN.get() } else { RUN.replace(0) }
    }
}

impl Drop for Station {
    #[inline]
    fn drop(&mut self) {
        if let Some((place, run)) = self.0 {
            PLACE.set(place);
            RUN.set(run);
        }
    }
}

/// The crew that helps what runs here.
#[inline]
pub(in crate::executor) fn here() -> &'static Crew {
    Placement::here().crew()
}

/// Whether what runs here is helped one piece at a time, or by so many threads at most: then its owner stays outside of the
/// pool wherever it is, as the pool itself knows of neither.
#[cfg(feature = "parallel")]
#[inline]
pub(in crate::executor) fn is_restrained() -> bool {
    let place = Placement::here();
    place.bulk || place.bounded
}
