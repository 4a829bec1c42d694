//! Metrics of runs, as Prometheus reads them.

use std::collections::BTreeMap;

use ember::observe::Metrics;
use ember::{Context, ContextBuilder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use prometheus_parse::{Scrape, Value};

/// A recorder of its own, and the metrics that report to it.
pub struct Metered {
    /// The observer.
    pub metrics: Metrics,
    handle: PrometheusHandle,
}

/// The series that were read, each under its name and its labels in the order of the alphabet:
/// `ember_runs_total{graph="both",outcome="failed"}`.
pub struct Scraped {
    series: BTreeMap<String, Value>,
    help: BTreeMap<String, String>,
}

impl Default for Metered {
    fn default() -> Self {
        Self::with(PrometheusBuilder::new())
    }
}

impl Metered {
    /// With a recorder that is set up otherwise.
    ///
    /// # Panics
    ///
    /// When the bounds of its buckets are not taken.
    pub fn with(recorder: PrometheusBuilder) -> Self {
        let recorder = recorder.set_buckets(&Metrics::SECONDS).expect("there are bounds").build_recorder();
        let handle = recorder.handle();
        Self { metrics: Metrics::with_recorder(recorder), handle }
    }

    /// A context whose runs are counted.
    pub fn context(&self) -> ContextBuilder {
        Context::builder().observer(self.metrics.clone())
    }

    /// What Prometheus would be sent.
    pub fn text(&self) -> String {
        self.metrics.refresh();
        self.handle.render()
    }

    /// What it would read there.
    pub fn scrape(&self) -> Scraped {
        Scraped::parse(&self.text())
    }
}

impl Scraped {
    /// Reads a text.
    ///
    /// # Panics
    ///
    /// When something in it is no sample, or a series stands there twice.
    pub fn parse(text: &str) -> Self {
        let read = Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).expect("a text can be read");
        let mut series = BTreeMap::new();
        let mut samples = 0;
        for sample in read.samples {
            samples += if let Value::Histogram(buckets) = &sample.value { buckets.len() } else { 1 };
            let labels = sample.labels.to_string();
            let name =
                if labels.is_empty() { sample.metric } else { format!("{}{{{labels}}}", sample.metric) };
            assert!(series.insert(name.clone(), sample.value).is_none(), "{name} stands once in\n{text}");
        }
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(samples, lines.count(), "each line is a sample in\n{text}");
        Self { series, help: read.docs.into_iter().collect() }
    }

    /// The names and labels of all series.
    pub fn series(&self) -> Vec<&str> {
        self.series.keys().map(String::as_str).collect()
    }

    /// What is said of each metric.
    pub fn help(&self) -> &BTreeMap<String, String> {
        &self.help
    }

    /// What was read of a series.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn value(&self, series: &str) -> &Value {
        self.series.get(series).unwrap_or_else(|| panic!("{series} is one of {:#?}", self.series()))
    }

    /// A number, whatever it counts.
    ///
    /// # Panics
    ///
    /// When there is no such series, or it is a histogram.
    pub fn number(&self, series: &str) -> f64 {
        match self.value(series) {
            Value::Counter(number) | Value::Gauge(number) | Value::Untyped(number) => *number,
            other => panic!("{series} is a number, and not {other:?}"),
        }
    }

    /// How many times were measured, and how many seconds they took together.
    ///
    /// # Panics
    ///
    /// When there is no such histogram, or it counts otherwise than its buckets.
    pub fn times(&self, metric: &str, labels: &str) -> (f64, f64) {
        let count = self.number(&format!("{metric}_count{{{labels}}}"));
        let Value::Histogram(buckets) = self.value(&format!("{metric}{{{labels}}}")) else {
            panic!("{metric} is a histogram")
        };
        assert!(buckets.is_sorted_by(|a, b| a.less_than < b.less_than && a.count <= b.count), "{buckets:?}");
        let last = buckets.last().expect("there is a bucket");
        assert_eq!((last.less_than, last.count), (f64::INFINITY, count));
        (count, self.number(&format!("{metric}_sum{{{labels}}}")))
    }
}
