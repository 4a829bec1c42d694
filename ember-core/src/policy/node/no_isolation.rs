//! What stands in the place of isolation without the feature: it says that the feature is off, and nothing else.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Outcome, Policed, Shared};
use crate::policy::Invalid;
use crate::watch::{Line, State, Watch};

pub use crate::__isolated_entry as isolated_entry;

/// What isolation needs.
#[diagnostic::on_unimplemented(
    message = "`isolate` needs ember's feature `isolate`",
    label = "there are no processes for operators without it",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"isolate\"] }}`"
)]
pub trait Isolating<'never> {}

/// No isolation.
#[derive(Debug)]
pub struct IsolationLayer(());

macro_rules! settings {
    ($($setting:ident: $ty:ty),*) => { $(
        /// As there.
        #[must_use]
        pub fn $setting(self, _: $ty) -> Self {
            self
        }
    )* };
}

impl IsolationLayer {
    /// Never called: its bound does not hold.
    pub fn builder() -> Self
    where
        for<'never> (): Isolating<'never>,
    {
        Self(())
    }

    settings! {
        memory: u64,
        cpu: Duration,
        timeout: Duration,
        workers: usize,
        queue: usize,
        calls: u32,
        age: Duration,
        max_message: usize,
        start: Duration
    }

    /// As there.
    ///
    /// # Errors
    ///
    /// None.
    pub fn build(self) -> Result<Self, Invalid> {
        Ok(self)
    }
}

/// As with the feature.
#[derive(Clone, Copy, Debug)]
pub struct IsolatedName(());

impl IsolatedName {
    /// As there.
    #[must_use]
    pub const fn new(_: &'static str, _: &str) -> Self {
        Self(())
    }
}

/// Any value.
pub trait Carried {}
impl<T> Carried for T {}

/// An argument.
#[derive(Debug)]
pub struct Carry<T>(pub T);

/// As with the feature.
#[derive(Debug)]
pub struct Served<A, R>(PhantomData<fn(A) -> R>);

impl<A, R: Outcome> Served<A, R> {
    /// For these types.
    pub const BY: Self = Self(PhantomData);

    /// As with the feature.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// It is never called: the layer cannot be made.
    pub fn call(&self, _: Shared<IsolationLayer>, _: IsolatedName, _: A) -> Policed<R> {
        unreachable!("without the feature `isolate` the operator does not compile")
    }
}

/// As with the feature.
pub trait ServedCarried {}

/// As with the feature.
pub trait ServedNever {}

/// Adds nothing.
#[doc(hidden)]
#[macro_export]
macro_rules! __isolated_entry {
    ($entry:expr) => {};
}

#[cfg(feature = "settings")]
impl super::Configure for IsolationLayer {
    const POLICY: &'static str = "isolate";
    const SETTINGS: &'static [&'static str] = &[];

    fn set(self, _: &str, _: &crate::policy::settings::Scalar) -> Result<Self, &'static str> {
        Ok(self)
    }

    fn fits(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

impl Watch for IsolationLayer {
    fn watch(&self) -> State {
        State::Isolation { workers: 0, started: 0, line: Line::default() }
    }
}
