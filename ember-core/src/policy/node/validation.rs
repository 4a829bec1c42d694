//! Rules for arguments and values.

use std::future::Future;

#[cfg(feature = "validate")]
use crate::policy::Validatable;
use crate::policy::{PolicyError, Validation};

/// Asks the rules of a value's type.
#[cfg(feature = "validate")]
pub fn rules<T: Validatable + ?Sized>(validation: Validation, name: &str, value: &T) -> Validation {
    validation.value(name, value)
}

/// What rules of types need.
#[cfg(not(feature = "validate"))]
#[diagnostic::on_unimplemented(
    message = "`validate` asks the rules that types have by the crate `garde`, which ember knows with its feature `validate`",
    label = "this cannot be validated by its type",
    note = "in Cargo.toml: `ember = {{ version = \"..\", features = [\"validate\"] }}`; or ask a condition: `validate(name = |value| ..)`"
)]
pub trait Rules<'never> {}

/// There are none without the feature.
#[cfg(not(feature = "validate"))]
pub fn rules<T: ?Sized>(_: Validation, _: &str, _: &T) -> Validation
where
    for<'never> (): Rules<'never>,
{
    unreachable!("its bound never holds")
}

/// Looks at what a call gave.
///
/// # Errors
///
/// What the call failed with, or that the value is not valid.
#[inline(always)]
pub fn returned<T, E>(
    outcome: Result<T, PolicyError<E>>,
    look: impl FnOnce(Validation, &T) -> Validation,
) -> Result<T, PolicyError<E>> {
    let value = outcome?;
    look(Validation::new(), &value).finish()?;
    Ok(value)
}

/// The same of a call that waits.
///
/// # Errors
///
/// What the call failed with, or that the value is not valid.
#[inline(always)]
pub async fn returned_async<T, E>(
    outcome: impl Future<Output = Result<T, PolicyError<E>>>,
    look: impl FnOnce(Validation, &T) -> Validation,
) -> Result<T, PolicyError<E>> {
    returned(outcome.await, look)
}

/// Whether a condition holds of a value.
#[inline(always)]
pub fn holds<T: ?Sized>(value: &T, condition: impl FnOnce(&T) -> bool) -> bool {
    condition(value)
}
