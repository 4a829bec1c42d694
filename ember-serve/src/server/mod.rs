//! The server: a thread of its own with a runtime of its own.

mod accept;
mod stall;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use axum::Router;
use tokio::sync::watch;

use crate::limits::Limits;

/// Functions of the program that may take long, such as health checks, run on at most so many threads.
const BLOCKING_THREADS: usize = 4;

/// A server that answers, until it is shut down or dropped.
///
/// ```
/// use ember_serve::Serve;
/// use std::io::{Read as _, Write as _};
/// use std::net::TcpStream;
///
/// let server = Serve::builder().build()?.start()?;
/// let mut stream = TcpStream::connect(server.address())?;
/// stream.write_all(b"GET /health/live HTTP/1.0\r\n\r\n")?;
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer)?;
/// assert!(answer.starts_with("HTTP/1.0 200 OK"));
/// server.shutdown();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(
        address: SocketAddr,
        limits: Limits,
        router: Router,
        stop: watch::Sender<bool>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("ember-serve-work")
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("ember-serve".to_owned()).spawn(move || {
            runtime.block_on(accept::serve(listener, router, limits, stopped));
            // A check that hangs is left alone: it must not hang who shuts down.
            runtime.shutdown_background();
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    /// Where it listens, with the port that the operating system chose if none was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The live page's address, for a log or a terminal: `http://127.0.0.1:40123/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Takes no more connections, lets answers that are under way finish, ends the listeners of events, and returns when all
    /// is closed, which takes no longer than [`ServeBuilder::grace`](crate::ServeBuilder::grace). Dropping does the same.
    pub fn shutdown(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
