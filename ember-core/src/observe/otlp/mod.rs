//! Spans to a collector, by the protocol of OpenTelemetry: OTLP over HTTP, in protobuf.

mod builder;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

pub use self::builder::OtlpBuilder;

/// Sends spans to a collector: those of [`Logs`](super::Logs), and what else the program does by `tracing`.
///
/// Spans that ended wait in a queue of bounded length for a thread that sends them, so no node waits for the collector. What
/// finds no room, or cannot be sent, is dropped. When this is dropped, what is left is sent, for five seconds at most: so keep
/// it to the end of `main`.
///
/// A run in a context with the [`traceparent`](crate::ContextBuilder::traceparent) of its caller is part of that trace, and
/// [`Context::traceparent`](crate::Context::traceparent) hands on the trace id and the node's span that are exported.
///
/// ```
/// use ember_core::Context;
/// use ember_core::observe::{Logs, Otlp};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let otlp = Otlp::builder().endpoint("http://localhost:4318").service("shop").build()?;
/// let subscriber = tracing_subscriber::registry().with(otlp.layer());
/// tracing::subscriber::with_default(subscriber, || {
///     let cx = Context::builder().observer(Logs::default()).build();
///     cx.scope(|| { /* runs of graphs */ });
/// });
/// otlp.shutdown()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Otlp {
    provider: SdkTracerProvider,
}

/// What is left could not be sent.
#[derive(Debug, thiserror::Error)]
#[error("spans could not be sent to the collector")]
pub struct OtlpError(#[source] OTelSdkError);

impl Otlp {
    /// Starts with the defaults; see [`OtlpBuilder`].
    pub fn builder() -> OtlpBuilder {
        OtlpBuilder::default()
    }

    /// The layer for the program's subscriber.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        // Where in ember's own source a span is made tells nobody anything.
        tracing_opentelemetry::layer().with_location(false).with_tracer(self.provider.tracer("ember"))
    }

    /// Sends what has ended, and waits for it.
    ///
    /// # Errors
    ///
    /// If that does not work. What could not be sent is lost.
    pub fn flush(&self) -> Result<(), OtlpError> {
        self.provider.force_flush().map_err(OtlpError)
    }

    /// Sends what is left, for five seconds at most, and ends.
    ///
    /// # Errors
    ///
    /// If that does not work. What could not be sent is lost.
    pub fn shutdown(self) -> Result<(), OtlpError> {
        self.provider.shutdown().map_err(OtlpError)
    }
}

impl Drop for Otlp {
    fn drop(&mut self) {
        // It may be done already, and there is nobody to be told.
        let _ = self.provider.shutdown();
    }
}
