//! Spans and log lines, by the crate `tracing`.
//!
//! In reading order: `builder` is what can be chosen, `spans` makes and ends spans, `lines` writes what policies do, `remote`
//! joins them to the traces of OpenTelemetry.

mod builder;
mod lines;
#[cfg(not(feature = "otel"))]
mod nowhere;
#[cfg(feature = "otel")]
mod remote;
mod spans;

#[cfg(not(feature = "otel"))]
use nowhere as remote;

pub use self::builder::{Logs, LogsBuilder};

use self::spans::Traced;
#[cfg(all(feature = "isolate", unix))]
pub(crate) use self::spans::in_worker;
use super::{Event, Observer, Scope, What};

impl Observer for Logs {
    fn event(&self, event: &Event<'_>) {
        let traced = || event.scope::<Traced>();
        match event.what() {
            What::CalledWith { arguments } => {
                if let Some(traced) = traced() {
                    traced.called(self.shown(arguments));
                }
            }
            What::Gave { value } => {
                if let Some(traced) = traced() {
                    traced.returned(value.text(self.value));
                }
            }
            What::RunEnded { end, took, .. } | What::NodeEnded { end, took } => {
                let text = event.error().and_then(|error| self.text_of(error));
                // Before its span says the same, which stands beside each line within it.
                lines::write(event, text.as_deref());
                if let Some(traced) = traced() {
                    traced.ended(event.attempt(), end, took, text.as_deref(), self.otel);
                }
            }
            _ => lines::write(event, None),
        }
    }

    fn scope(&self, event: &Event<'_>) -> Option<Box<dyn Scope>> {
        match event.site() {
            None => spans::of_run(event, self.otel),
            Some(site) => spans::of_node(event, site, self.otel),
        }
    }

    fn wants_values(&self) -> bool {
        self.value > 0
    }
}
