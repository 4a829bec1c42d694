//! What an operator names at its parameters, and what is loaded for it.

use std::sync::Arc;

use crate::policy::PolicyError;
use crate::resource::{Called, LoadError, Mode, Resource};

/// How a resource is loaded that an operator names which is not `async`.
#[diagnostic::on_unimplemented(
    message = "this resource is loaded by a future, and the operator is not `async`",
    label = "needs an `async` operator",
    note = "a thread that waited for the future could keep it from going on; let the operator be an `async fn`, or let a function load the resource: `Resource::new(&load)`"
)]
pub trait LoadedByCall: Mode {
    /// The value.
    ///
    /// # Errors
    ///
    /// If it could not be loaded.
    fn get<T: Send + Sync + 'static>(resource: &Resource<T, Self>) -> Result<Arc<T>, LoadError>;
}
impl LoadedByCall for Called {
    fn get<T: Send + Sync + 'static>(resource: &Resource<T>) -> Result<Arc<T>, LoadError> {
        resource.get()
    }
}

/// Makes the call with the value of a resource.
///
/// # Errors
///
/// What the call failed with, or that there is no value.
pub fn with_resource<V: Send + Sync + 'static, L: LoadedByCall, T, E>(
    resource: &'static Resource<V, L>,
    next: impl FnOnce(Arc<V>) -> Result<T, PolicyError<E>>,
) -> Result<T, PolicyError<E>> {
    match L::get(resource) {
        Ok(value) => next(value),
        Err(why) => Err(PolicyError::unavailable(why)),
    }
}

/// The value of a resource for an operator that is `async`.
///
/// # Errors
///
/// If it could not be loaded.
pub fn resource_async<V: Send + Sync + 'static, L: Mode>(
    resource: &'static Resource<V, L>,
) -> impl Future<Output = Result<Arc<V>, LoadError>> + Send + 'static {
    resource.get_async()
}
