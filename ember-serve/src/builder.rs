//! What is served, where, and within which bounds.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ember_core::health::Health;
use ember_core::observe::Statistics;
use tokio::sync::watch;

use crate::guard::Hosts;
use crate::limits::Limits;
use crate::{Invalid, Server};

/// Health, metrics and a live page over HTTP; made by [`Serve::builder`].
#[derive(Clone)]
pub struct Serve {
    settings: ServeBuilder,
}

/// Says what a [`Serve`] serves, where, and within which bounds.
#[derive(Clone)]
#[must_use]
pub struct ServeBuilder {
    pub(crate) address: SocketAddr,
    pub(crate) open: bool,
    pub(crate) hosts: Vec<String>,
    pub(crate) title: String,
    pub(crate) limits: Limits,
    pub(crate) statistics: Statistics,
    pub(crate) health: Health,
    pub(crate) metrics: Option<Arc<dyn Fn() -> String + Send + Sync>>,
}

impl Default for ServeBuilder {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            open: false,
            hosts: Vec::new(),
            title: String::from("ember"),
            limits: Limits::default(),
            statistics: Statistics::new(),
            health: Health::default(),
            metrics: None,
        }
    }
}

impl Serve {
    /// Starts with the defaults, which each method tells.
    pub fn builder() -> ServeBuilder {
        ServeBuilder::default()
    }

    /// Starts a thread that answers, with a runtime of its own: so it does while all threads of the pool and all permits are
    /// taken, and before the program has any runtime.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened at, or no thread can be started.
    pub fn start(&self) -> io::Result<Server> {
        let stop = watch::Sender::new(false);
        Server::start(self.settings.address, self.settings.limits, self.routes(&stop), stop)
    }

    /// The same answers as part of a program's own `axum` app, at its root or nested under a path.
    ///
    /// They hold the bounds on their own work, on listeners and bodies. Connections, the time and size of heads and clients that do
    /// not read are the app's. It needs a tokio runtime with timers.
    ///
    /// ```
    /// let app: axum::Router = axum::Router::new().nest("/ember", ember_serve::Serve::builder().build()?.router());
    /// # Ok::<(), ember_serve::Invalid>(())
    /// ```
    pub fn router(&self) -> Router {
        self.routes(&watch::Sender::new(false))
    }

    fn routes(&self, stop: &watch::Sender<bool>) -> Router {
        crate::answer::router(&self.settings, stop.clone())
    }
}

impl ServeBuilder {
    /// Where to listen; by default at `127.0.0.1`, at a port that the operating system chooses ([`Server::address`] tells which).
    /// Addresses that other machines can reach need [`open_to_network`](Self::open_to_network) as well.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Allows an address that other machines can reach. Whoever reaches it may read names of graphs, texts of errors and
    /// figures: there is no login. It is off by default.
    pub fn open_to_network(mut self) -> Self {
        self.open = true;
        self
    }

    /// A name under which the server may be asked, without port; may be said several times.
    ///
    /// By default these are `localhost` and addresses, so that no page of another site gets at the answers by a name of its own that
    /// points here (DNS rebinding). With [`open_to_network`](Self::open_to_network), and no name said, any name will do.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into().to_ascii_lowercase());
        self
    }

    /// The name of the program, as the page's title; `ember` by default. At most 100 bytes.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The statistics that are shown: clones of those which observe the program. By default no graph is shown.
    pub fn statistics(mut self, statistics: Statistics) -> Self {
        self.statistics = statistics;
        self
    }

    /// What `/health/ready` asks. By default that has no checks of the program's own, so it is never down.
    ///
    /// It is asked on a thread for such work, once at a time: who asks meanwhile shares the answer. While a page is open it
    /// is asked every two seconds.
    pub fn health(mut self, health: Health) -> Self {
        self.health = health;
        self
    }

    /// Gives the text of `/metrics`, such as `PrometheusHandle::render` of the crate `metrics-exporter-prometheus`. By default there is
    /// none, and the answer is 404.
    ///
    /// It is called on a thread for such work, once at a time: who asks meanwhile shares the text.
    pub fn metrics(mut self, render: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.metrics = Some(Arc::new(render));
        self
    }

    /// The most connections at a time; more wait in the operating system's line. 64 by default, and from 2 to 4096.
    pub fn connections(mut self, most: usize) -> Self {
        self.limits.connections = most;
        self
    }

    /// The most that listen to events at a time, as open pages do; more are turned away with 503. 16 by default; at least 1, and
    /// less than [`connections`](Self::connections), so that some are left for health checks.
    pub fn listeners(mut self, most: usize) -> Self {
        self.limits.listeners = most;
        self
    }

    /// The largest head of a request, with its line and headers, of which there may be a hundred; more is answered with 431. 16384
    /// bytes by default, and from 1024 to 1048576.
    pub fn head_bytes(mut self, most: usize) -> Self {
        self.limits.head_bytes = most;
        self
    }

    /// How long a client may take until the head of a request is complete, counted from when it could begin. So a connection that
    /// stays idle as long is closed too. 10 seconds by default, and from 1 ms to an hour, as all times here.
    pub fn head_time(mut self, most: Duration) -> Self {
        self.limits.head_time = most;
        self
    }

    /// How long functions of the program may take, which are health checks and what renders metrics; who asked is answered with 503
    /// then. 5 seconds by default.
    pub fn work_time(mut self, most: Duration) -> Self {
        self.limits.work_time = most;
        self
    }

    /// How long a client may take to read an answer, or what is told to a listener at once; then its connection is closed. 10 seconds
    /// by default.
    pub fn write_time(mut self, most: Duration) -> Self {
        self.limits.write_time = most;
        self
    }

    /// How long answers that are under way may take when the server is shut down. 2 seconds by default.
    pub fn grace(mut self, most: Duration) -> Self {
        self.limits.grace = most;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// If one is out of its bounds, or the address can be reached by other machines and nobody said that it may.
    pub fn build(self) -> Result<Serve, Invalid> {
        self.limits.check()?;
        if !self.open && !self.address.ip().is_loopback() {
            let must = "a loopback address, or be allowed by `open_to_network`";
            return Err(Invalid::new("address", self.address, must));
        }
        if self.title.is_empty() || self.title.len() > 100 {
            return Err(Invalid::new(
                "title",
                format!("{} bytes long", self.title.len()),
                "from 1 to 100 bytes",
            ));
        }
        if let Some(host) = self.hosts.iter().find(|host| !is_name(host)) {
            return Err(Invalid::new(
                "host",
                format!("{host:?}"),
                "a name of at most 253 bytes without scheme, path and port",
            ));
        }
        Ok(Serve { settings: self })
    }

    pub(crate) fn names(&self) -> Hosts {
        if self.open && self.hosts.is_empty() {
            Hosts::Any
        } else {
            Hosts::Named(self.hosts.as_slice().into())
        }
    }
}

fn is_name(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=253).contains(&host.len()) && host.bytes().all(plain)
}

impl fmt::Debug for ServeBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServeBuilder")
            .field("address", &self.address)
            .field("open", &self.open)
            .field("hosts", &self.hosts)
            .field("title", &self.title)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Serve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Serve").field("settings", &self.settings).finish()
    }
}
