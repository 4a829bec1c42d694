//! What one sees of the service: figures, metrics and logs of its runs, and the page that shows them.

use ember::health::Health;
use ember::observe::{Logs, Metrics, Statistics};
use ember::serve::{Serve, Server};
use ember::{Context, ContextBuilder};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// Those who observe the runs. A clone is another handle on the same.
#[derive(Clone)]
pub struct Observed {
    statistics: Statistics,
    metrics: Metrics,
    logs: Logs,
    prometheus: PrometheusHandle,
}

impl Observed {
    /// Nothing has been seen yet.
    ///
    /// # Errors
    ///
    /// If the bounds of buckets are not taken.
    pub fn new() -> Result<Self, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(&Metrics::SECONDS)?.build_recorder();
        let prometheus = recorder.handle();
        let metrics = Metrics::with_recorder(recorder);
        Ok(Self { statistics: Statistics::new(), metrics, logs: Logs::default(), prometheus })
    }

    /// The beginning of a context whose runs are observed.
    pub fn context(&self) -> ContextBuilder {
        let context = Context::builder().observer(self.statistics.clone());
        context.observer(self.metrics.clone()).observer(self.logs.clone())
    }

    /// The figures of the runs.
    pub fn statistics(&self) -> Statistics {
        self.statistics.clone()
    }

    /// Starts to show it: health, metrics and the live page, on a port of loopback.
    ///
    /// # Errors
    ///
    /// If there is no port left, or no thread.
    pub fn serve(&self, health: Health) -> Result<Server, Box<dyn std::error::Error>> {
        let Self { statistics, metrics, prometheus, .. } = self.clone();
        let render = move || {
            metrics.refresh();
            prometheus.render()
        };
        let serve = Serve::builder().title("shop").statistics(statistics).metrics(render).health(health);
        Ok(serve.build()?.start()?)
    }
}
