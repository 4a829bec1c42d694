//! What stands between generated code and the policies of an operator.
//!
//! Generated code holds one static of each policy that an operator declares, and nests their calls. What is around
//! that is here.

mod arguments;
mod batching;
#[cfg(feature = "cache")]
mod caching;
mod fallbacks;
mod inside;
#[cfg(feature = "isolate")]
mod isolating;
mod kept;
mod keyed;
mod layer;
mod lots;
mod memory;
#[cfg(not(feature = "cache"))]
mod no_cache;
#[cfg(not(feature = "isolate"))]
mod no_isolation;
mod outcome;
mod overrides;
mod own;
mod resources;
mod retrying;
mod returned;
mod validation;

#[cfg(feature = "cache")]
pub use super::{Cache, CacheValue};
pub use arguments::{Arguments, Repeatable, Shareable, repeat, repeat_for_fallback};
pub use batching::{Gathered, batched, batched_async, batcher, most};
#[cfg(feature = "cache")]
pub use caching::{Asked, KeyPart, OwnedKeyPart, cached, cached_async, cached_value, cached_value_async};
pub use fallbacks::{
    Instead, InsteadOperator, instead, instead_async, instead_operator_async, last_good, last_good_async,
};
pub use inside::{Inside, InsideOfAny, InsideOfGraph, ToldInside, told_inside, told_inside_async};
#[cfg(feature = "isolate")]
pub use isolating::{
    Carried, Carry, IsolatedEntry, IsolatedName, IsolationLayer, Served, ServedCarried, ServedNever,
    isolated_entry,
};
pub use kept::Kept;
pub use keyed::{Key, keyed};
pub use layer::{
    Layer, Maybe, MaybeTimed, Shared, abandoning, added_timeout, through, through_breaker,
    through_concurrency, through_keyed_breaker, through_keyed_concurrency, through_keyed_rate, through_rate,
    through_timeout, timers, with_permit,
};
pub use lots::{Lot, Lots, OneByOne, OwnItems, OwnLots, PutOff, TakesLots, in_groups};
pub use memory::{Room, weight, with_memory, with_memory_along, with_memory_async};
#[cfg(not(feature = "cache"))]
pub use no_cache::{
    Asked, Cache, CacheValue, Caching, KeyPart, OwnedKeyPart, cached, cached_async, cached_value,
    cached_value_async,
};
#[cfg(not(feature = "isolate"))]
pub use no_isolation::{
    Carried, Carry, IsolatedName, IsolationLayer, Served, ServedCarried, ServedNever, isolated_entry,
};
pub use outcome::{Operated, Outcome, Policed, operator, operator_async};
pub use overrides::{OfALine, OfALineThatRetries, Overrides, Retried, Without};
pub use own::{Behind, Calls, Line, Own, OwnBehind, OwnPlain, Retries};
pub use resources::{LoadedByCall, resource_async, with_resource};
use retrying::retrying;
pub use retrying::{Retrying, retry, retry_async};
pub use returned::{IsResult, IsValue, KeptWhole, Returned};
pub use validation::{holds, returned, returned_async, rules};

use super::Invalid;
pub use super::breaker::{SaidWindow, WindowOf};
pub use super::{
    Answers, Backoff, Batcher, BatcherBuilder, Breaker, Budget, Class, Concurrency, Fallback, Pick, PickAny,
    PickRetryable, PolicyError, Rate, Retry, Timeout, Timers, Validation,
};
pub use crate::Weigh;
use crate::future::Place;
use crate::watch::{self, Watch};

#[cfg(feature = "settings")]
pub use super::settings::{Configure, configured};

/// Where an isolated operator of an `async` graph waits for its process: on a thread that may block, if there are such.
pub const ISOLATED: Place = if cfg!(feature = "tokio") { Place::Blocking } else { Place::Pool };

/// A policy of an operator as the settings of the process want it.
#[cfg(not(feature = "settings"))]
#[inline(always)]
pub fn configured<C>(_: &'static str, policy: C) -> C {
    policy
}

/// The same of a limit on the time of an attempt, or of a `NODE`.
#[cfg(feature = "settings")]
pub fn configured_time<const NODE: bool>(operator: &'static str, limit: Timeout) -> Timeout {
    configured(operator, super::settings::TimeLimit::<NODE>(limit)).0
}

/// The same of a limit on the time of an attempt, or of a `NODE`.
#[cfg(not(feature = "settings"))]
#[inline(always)]
pub fn configured_time<const NODE: bool>(_: &'static str, limit: Timeout) -> Timeout {
    limit
}

/// Lets a policy be seen in the list of states that an operator shares among its calls, and that `lend` lends.
pub fn watched<P: Watch + Sync>(owner: &'static str, policy: P, lend: fn() -> &'static P) -> P {
    watch::register(owner, move || Some(lend().watch())).keep();
    policy
}

/// The policy that a builder made, whose settings the macro has checked.
///
/// # Panics
///
/// If a setting is out of its bounds all the same, with what is wrong with it.
pub fn built<P>(policy: Result<P, Invalid>) -> P {
    policy.unwrap_or_else(|invalid| panic!("{invalid}"))
}
