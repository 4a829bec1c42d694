//! What the service answers over HTTP.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use ember::Context;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::graph::{Basket, quote};
use crate::observed::Observed;

/// The header by which callers name a request, and find it again in logs. One is made up where there is none.
pub const CORRELATION_ID: &str = "x-correlation-id";

/// The body of an answer that is no quote.
#[derive(Debug, Deserialize, Serialize)]
pub struct Problem {
    /// What is the matter.
    pub error: String,
    /// By which to ask.
    pub correlation_id: String,
}

/// The service on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct Service {
    url: String,
    task: JoinHandle<()>,
}

impl Service {
    /// Starts to listen on loopback.
    ///
    /// # Errors
    ///
    /// If there is no port left.
    pub async fn start(shop: Client, observed: Observed) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new().route("/quotes", post(quotes)).with_state((shop, observed));
        let task = tokio::spawn(async move {
            // It goes on until the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, task })
    }

    /// Where it is, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Each request is a run, in a context of its own.
async fn quotes(
    State((shop, observed)): State<(Client, Observed)>,
    headers: HeaderMap,
    Json(basket): Json<Basket>,
) -> Response {
    let context = context(&observed, &headers);
    match context.scope(|| quote(shop, basket)).await {
        Ok(quote) => Json(quote).into_response(),
        Err(error) => {
            let status = if error.is_timeout() {
                StatusCode::GATEWAY_TIMEOUT
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            // What failed inside is in the log, under this id: who calls need not know it.
            let correlation_id = context.correlation_id().to_owned();
            (status, Json(Problem { error: "there is no quote just now".to_owned(), correlation_id }))
                .into_response()
        }
    }
}

fn context(observed: &Observed, headers: &HeaderMap) -> Context {
    let context = observed.context().timeout(Duration::from_secs(5));
    match headers.get(CORRELATION_ID).and_then(|id| id.to_str().ok()) {
        Some(id) => context.correlation_id(id).build(),
        None => context.build(),
    }
}
