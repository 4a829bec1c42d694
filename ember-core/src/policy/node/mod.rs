//! What stands between generated code and the policies of an operator.
//!
//! Generated code holds one static of each policy that an operator declares, and nests their calls. What is around
//! that is here.

mod arguments;
mod outcome;

pub use arguments::{Arguments, Repeatable, repeat};
pub use outcome::{Outcome, Policed, operator, operator_async};

use super::Invalid;

/// The policy that a builder made, whose settings the macro has checked.
///
/// # Panics
///
/// If a setting is out of its bounds all the same, with what is wrong with it.
pub fn built<P>(policy: Result<P, Invalid>) -> P {
    policy.unwrap_or_else(|invalid| panic!("{invalid}"))
}
