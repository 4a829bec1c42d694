//! What the states that outlive runs are just now: breakers, limits, caches, batchers, resources, batches under way.
//!
//! The states of operators and of resources are in the list from their first use on. Those made by hand are put there with
//! [`register`], and leave it when their [`Registration`] is dropped.
//!
//! ```
//! use std::sync::Arc;
//! use ember_core::policy::Concurrency;
//! use ember_core::watch::{self, State, Watch};
//!
//! let uploads = Arc::new(Concurrency::builder().permits(4).build()?);
//! let looked_at = Arc::clone(&uploads);
//! let registration = watch::register("uploads", move || Some(looked_at.watch()));
//!
//! let _permit = uploads.try_acquire().unwrap();
//! let seen = watch::states().into_iter().find(|seen| &*seen.owner == "uploads").unwrap();
//! assert!(matches!(seen.state, State::Concurrency { permits: 4, in_use: 1, .. }));
//!
//! drop(registration);
//! assert!(watch::states().iter().all(|seen| &*seen.owner != "uploads"));
//! # Ok::<(), ember_core::policy::Invalid>(())
//! ```

mod registry;
mod state;
#[cfg(all(test, not(loom)))]
pub(crate) mod tests;

use std::sync::Arc;

pub use self::registry::{MOST, Registration, register, unwatched};
pub use self::state::{Line, State};

/// What can say how it is.
pub trait Watch {
    /// How it is just now. What is in it was read one after the other, while others went on.
    fn watch(&self) -> State;
}

/// A state, and whose it is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Watched {
    /// Its number in the list, which no other ever has in this process.
    pub number: u64,
    /// The name of the operator, of the resource, of the graph of a batch, or of whatever it was registered for.
    pub owner: Arc<str>,
    /// How it is.
    pub state: State,
}

/// All that is in the list, in the order in which it came there.
///
/// The list is copied under its lock; each state is then asked by itself, outside of it. One that panics is left out.
pub fn states() -> Vec<Watched> {
    registry::looks()
        .into_iter()
        .filter_map(|(number, owner, look)| Some(Watched { number, owner, state: look()? }))
        .collect()
}
