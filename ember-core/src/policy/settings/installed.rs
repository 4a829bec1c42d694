//! The settings of the process.

use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use super::{Configure, Settings};

/// What was installed, or that it is too late.
static INSTALLED: OnceLock<Option<Settings>> = OnceLock::new();
/// The operator because of which it is too late.
static FIRST: Mutex<Option<&'static str>> = Mutex::new(None);

/// Why settings cannot be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotInstalled {
    /// Others are.
    #[error("the process has settings already")]
    Twice,
    /// An operator has been called, whose policies were made as its attribute says.
    #[error(
        "operator `{operator}` has been called already, so its policies are made; install settings before the first run"
    )]
    TooLate {
        /// Its name.
        operator: &'static str,
    },
}

impl Settings {
    /// Makes these the settings of the process: all operators take theirs when they are first called.
    ///
    /// # Errors
    ///
    /// If there are settings, or if an operator with policies has been called.
    pub fn install(self) -> Result<(), NotInstalled> {
        let mut given = Some(self);
        let installed = INSTALLED.get_or_init(|| given.take());
        match (given, installed) {
            (None, _) => Ok(()),
            (Some(_), Some(_)) => Err(NotInstalled::Twice),
            (Some(_), None) => {
                let first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
                Err(NotInstalled::TooLate { operator: first.unwrap_or_default() })
            }
        }
    }
}

/// A policy of an operator as the settings of the process want it. Asked once for each policy of an operator.
///
/// # Panics
///
/// If what was installed does not fit what the attribute says, such as fewer calls in the window than a rate needs.
pub fn configured<C: Configure>(operator: &'static str, policy: C) -> C {
    let installed = INSTALLED.get_or_init(|| {
        FIRST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(operator);
        None
    });
    let Some(table) = installed.as_ref().and_then(|settings| settings.of(operator, C::POLICY)) else {
        return policy;
    };
    let made = table.iter().try_fold(policy, |made, (setting, value)| made.set(setting, value));
    let made = made.unwrap_or_else(|must| panic!("`{operator}.{}` must be {must}", C::POLICY));
    if let Err(invalid) = made.fits() {
        panic!("the settings of operator `{operator}` do not fit its attribute: {invalid}");
    }
    made
}
