//! Takes connections in, as many as there may be, until it is told to stop.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::stall::Stall;
use crate::limits::Limits;

/// Serves until `stop` changes, and then no longer than the grace for what is under way.
pub(super) async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: watch::Sender<bool>) {
    let mut stopped = stop.subscribe();
    tokio::select! {
        () = accept(listener, &router, limits, &stop) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    drop(stopped);
    // Each connection has a receiver, so nobody has one when all are closed.
    let _ = tokio::time::timeout(limits.grace, stop.closed()).await;
}

async fn accept(listener: TcpListener, router: &Router, limits: Limits, stop: &watch::Sender<bool>) {
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        // Who finds no room waits in the operating system's line, whose length has a bound.
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // A client that is gone already, or no more files: others may come to an end meanwhile.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = connection(stream, router.clone(), limits, stop.subscribe());
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

/// One connection, from its first byte to its last.
async fn connection(stream: TcpStream, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head_bytes)
        .max_headers(MOST_HEADERS)
        // `Stall` is to see at once all that is to be written.
        .writev(false)
        .serve_connection(
            TokioIo::new(Stall::new(stream, limits.write_time)),
            TowerToHyperService::new(router),
        );
    let mut connection = std::pin::pin!(connection);
    let stopped = tokio::select! {
        // What goes wrong with a connection is the client's: it is closed, and there is nobody to be told.
        _ = connection.as_mut() => return,
        stopped = stop.wait_for(|stopped| *stopped) => stopped.is_ok(),
    };
    if stopped {
        connection.as_mut().graceful_shutdown();
    }
    let _ = connection.await;
}

/// The most headers of a request.
const MOST_HEADERS: usize = 100;
