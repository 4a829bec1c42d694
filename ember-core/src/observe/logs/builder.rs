//! What can be chosen of the logs.

use std::fmt::Write;

use super::super::Logged;
use super::super::values::bounded;
use crate::error::Error;
use crate::policy::Invalid;

/// An observer that writes spans and log lines of runs and nodes, by the crate [`tracing`]: they go wherever the program's
/// subscriber sends its own.
///
/// Each run is a span `ember.run`, each node a span `ember.node` within it, and the run of a graph that a node calls stands in
/// that node's span. The outermost run stands in the span that its caller was in. What operators themselves write stands in the
/// span of their node, on whichever thread. The [guide](crate::observe) lists fields and levels.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::Logs;
///
/// let cx = Context::builder().observer(Logs::default()).build();
/// cx.scope(|| { /* runs of graphs */ });
/// ```
#[derive(Clone, Debug)]
pub struct Logs {
    pub(super) errors: bool,
    pub(super) error: usize,
    pub(super) value: usize,
    pub(super) otel: bool,
}

/// Makes a [`Logs`]; see [`Logs::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct LogsBuilder(Logs);

impl Default for Logs {
    fn default() -> Self {
        Self { errors: true, error: 1024, value: 256, otel: cfg!(feature = "otel") }
    }
}

impl Logs {
    /// Starts with the defaults: the texts of errors, up to 1024 bytes of each, and up to 256 bytes of each value that an
    /// operator lets be logged.
    pub fn builder() -> LogsBuilder {
        LogsBuilder::default()
    }

    /// The text of an error with its causes, if it is wanted.
    pub(super) fn text_of(&self, error: &Error) -> Option<String> {
        self.errors.then(|| bounded(self.error, |to| write!(to, "{error:#}")))
    }

    /// Values in one line.
    pub(super) fn shown(&self, values: &[Logged<'_>]) -> String {
        let mut line = String::new();
        for value in values {
            let comma = if line.is_empty() { "" } else { ", " };
            // A text takes what is written.
            let _ = write!(line, "{comma}{} = {}", value.name(), value.text(self.value));
        }
        line
    }
}

impl LogsBuilder {
    /// Whether the texts of errors and panics are written, which are the operators' own. They are by default; what kind of
    /// failure it was is said in any case.
    pub const fn errors(mut self, errors: bool) -> Self {
        self.0.errors = errors;
        self
    }

    /// How many bytes of an error's text are written, from 16 to 65536: 1024 by default.
    pub const fn longest_error(mut self, bytes: usize) -> Self {
        self.0.error = bytes;
        self
    }

    /// How many bytes are written of each value that an operator lets be logged, up to 65536: 256 by default. With zero
    /// such values are not even made text.
    pub const fn longest_value(mut self, bytes: usize) -> Self {
        self.0.value = bytes;
        self
    }

    /// Whether spans also have the fields `otel.name`, `otel.status_code` and `otel.status_description`, from which the layer of
    /// `tracing-opentelemetry` takes their names and outcomes. By default they have them where ember's feature `otel` is on;
    /// elsewhere they would say twice what stands in the other fields.
    pub const fn opentelemetry(mut self, fields: bool) -> Self {
        self.0.otel = fields;
        self
    }

    /// Makes the observer.
    ///
    /// # Errors
    ///
    /// If a length is not within its bounds.
    pub fn build(self) -> Result<Logs, Invalid> {
        let Logs { error, value, .. } = self.0;
        if !(16..=65536).contains(&error) {
            return Err(Invalid::new("logs", "longest_error", error, "between 16 and 65536 bytes"));
        }
        if value > 65536 {
            return Err(Invalid::new("logs", "longest_value", value, "65536 bytes at most"));
        }
        Ok(self.0)
    }
}
