//! State whose type only the compiler knows.

use std::any::Any;
use std::sync::OnceLock;

use crate::watch::{self, Watch};

/// What an operator keeps: one value for each type that it is asked for with, made once.
///
/// The static in a generic function is one for all its instances, so there may be several types: as many as there are
/// instances, in a chain.
pub struct Kept {
    /// The operator.
    owner: &'static str,
    value: OnceLock<Box<dyn Any + Send + Sync>>,
    next: OnceLock<Box<Self>>,
}

impl Kept {
    /// With nothing in it, for the operator of this name.
    pub const fn of(owner: &'static str) -> Self {
        Self { owner, value: OnceLock::new(), next: OnceLock::new() }
    }

    /// The same of one that is seen in the list of states from then on.
    pub fn watched<T: Watch + Send + Sync + 'static>(&'static self, make: impl FnOnce() -> T) -> &'static T {
        self.get(|| {
            let made = make();
            watch::register(self.owner, || self.peek::<T>().map(Watch::watch)).keep();
            made
        })
    }

    /// The value of a type, if it is there.
    fn peek<T: 'static>(&self) -> Option<&T> {
        let mut place = self;
        loop {
            let value = place.value.get()?;
            if let Some(value) = value.downcast_ref() {
                return Some(value);
            }
            place = place.next.get()?;
        }
    }

    /// The value of a type, made if it is not there yet.
    pub fn get<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> &T {
        let mut make = Some(make);
        let mut place = self;
        loop {
            let value = place.value.get_or_init(|| {
                let make = make.take().expect("the value fits where it was made");
                Box::new(make())
            });
            if let Some(value) = value.downcast_ref() {
                return value;
            }
            place = place.next.get_or_init(|| Box::new(Self::of(self.owner)));
        }
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    #[test]
    fn r04_what_an_operator_keeps_is_made_once_for_each_type() {
        static KEPT: Kept = Kept::of("kept");
        let made = AtomicU32::new(0);
        let make = || made.fetch_add(1, SeqCst);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let number: &u32 = KEPT.get(make);
                    let text: &String = KEPT.get(|| format!("text {}", make()));
                    assert!(std::ptr::eq(number, KEPT.get::<u32>(|| unreachable!())));
                    assert!(text.starts_with("text"));
                });
            }
        });
        assert_eq!(made.into_inner(), 2);
    }
}
