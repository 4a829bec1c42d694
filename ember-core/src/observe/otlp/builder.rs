//! Where spans are sent, and how.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider};

use super::Otlp;
use crate::policy::Invalid;

/// Makes an [`Otlp`]; see [`Otlp::builder`].
#[derive(Clone)]
#[must_use = "a builder makes nothing until `build` is called"]
pub struct OtlpBuilder {
    endpoint: String,
    headers: BTreeMap<String, String>,
    service: Option<String>,
    share: f64,
    queue: usize,
    delay: Duration,
    timeout: Duration,
}

impl Default for OtlpBuilder {
    fn default() -> Self {
        Self {
            endpoint: "http://localhost:4318".to_owned(),
            headers: BTreeMap::new(),
            service: None,
            share: 1.0,
            queue: 2048,
            delay: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        }
    }
}

const HOUR: Duration = Duration::from_hours(1);

impl OtlpBuilder {
    /// The collector, `http://localhost:4318` by default. To an address without a path `/v1/traces` is added.
    ///
    /// For `https` the program needs the crate `reqwest` with one of its features for TLS, in the version of the crate
    /// `opentelemetry-otlp`.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// Adds a header to each request, such as a key of the collector's.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// What the program is called: the attribute `service.name`. By default the variable `OTEL_SERVICE_NAME` says it.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// The share of traces that are exported, from 0 to 1: all by default. Of a caller's trace his own choice holds.
    pub const fn sample(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// How many spans that ended wait to be sent, from 1 to 1,000,000: 2048 by default. Further ones are dropped.
    pub const fn queue(mut self, spans: usize) -> Self {
        self.queue = spans;
        self
    }

    /// How long a span waits at most to be sent, from a millisecond to an hour: five seconds by default.
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How long a request may take, from a millisecond to an hour: ten seconds by default.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Starts the thread that sends.
    ///
    /// # Errors
    ///
    /// If a value is not within its bounds, the endpoint is no URL, or a header is none.
    pub fn build(self) -> Result<Otlp, Invalid> {
        self.check()?;
        let headers = self.headers.into_iter().collect();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(with_path(&self.endpoint))
            .with_timeout(self.timeout)
            .with_headers(headers)
            .build()
            .map_err(|_| Invalid::new("otlp", "endpoint", HIDDEN, URL))?;
        let queue = BatchConfigBuilder::default()
            .with_max_queue_size(self.queue)
            .with_max_export_batch_size(self.queue.min(512))
            .with_scheduled_delay(self.delay)
            .build();
        let sender = BatchSpanProcessor::builder(exporter).with_batch_config(queue).build();
        let mut resource = Resource::builder();
        if let Some(service) = self.service {
            resource = resource.with_service_name(service);
        }
        let provider = SdkTracerProvider::builder()
            .with_span_processor(sender)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(self.share))))
            .with_resource(resource.build())
            .build();
        Ok(Otlp { provider })
    }

    fn check(&self) -> Result<(), Invalid> {
        let invalid = |setting, value: &dyn fmt::Debug, must| {
            Err(Invalid::new("otlp", setting, format_args!("{value:?}"), must))
        };
        if !(self.endpoint.starts_with("http://") || self.endpoint.starts_with("https://")) {
            return Err(Invalid::new("otlp", "endpoint", HIDDEN, URL));
        }
        for (name, value) in &self.headers {
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_name) {
                return invalid("header", name, "the name of a header");
            }
            if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(Invalid::new("otlp", "header", HIDDEN, "printable ASCII"));
            }
        }
        if !(0.0..=1.0).contains(&self.share) {
            return invalid("sample", &self.share, "from 0 to 1");
        }
        if !(1..=1_000_000).contains(&self.queue) {
            return invalid("queue", &self.queue, "from 1 to 1000000 spans");
        }
        for (setting, time) in [("delay", self.delay), ("timeout", self.timeout)] {
            if !(Duration::from_millis(1)..=HOUR).contains(&time) {
                return invalid(setting, &time, "from a millisecond to an hour");
            }
        }
        Ok(())
    }
}

/// What may have a password or a key in it.
const HIDDEN: &str = "not shown here";
const URL: &str = "a URL such as http://localhost:4318";

/// The address of the collector for traces.
fn with_path(endpoint: &str) -> String {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    match host.find('/') {
        Some(at) if at + 1 < host.len() => endpoint.to_owned(),
        _ => format!("{}/v1/traces", endpoint.trim_end_matches('/')),
    }
}

impl fmt::Debug for OtlpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpBuilder")
            .field("headers", &self.headers.keys())
            .field("service", &self.service)
            .field("sample", &self.share)
            .field("queue", &self.queue)
            .field("delay", &self.delay)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::with_path;

    #[test]
    fn the_path_is_added_where_there_is_none() {
        let expected = [
            ("http://localhost:4318", "http://localhost:4318/v1/traces"),
            ("http://localhost:4318/", "http://localhost:4318/v1/traces"),
            ("https://collector.example/ingest/traces", "https://collector.example/ingest/traces"),
        ];
        for (given, asked) in expected {
            assert_eq!(with_path(given), asked);
        }
    }
}
