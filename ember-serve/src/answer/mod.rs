//! What is answered to whom.

mod events;
mod graphs;
mod health;
mod metrics;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use tokio::sync::watch;

use crate::ServeBuilder;
use crate::guard::guard;
use crate::program::Program;
use crate::told::Reader;
use crate::work::{NoAnswer, Work};

/// What the answers are made of.
pub(crate) struct Site {
    title: String,
    program: Program,
    reader: Arc<Reader>,
    metrics: Option<Work<Bytes>>,
    events: events::Events,
}

pub(crate) fn router(settings: &ServeBuilder, stop: watch::Sender<bool>) -> Router {
    let limits = &settings.limits;
    let reader = Arc::new(Reader::new(settings));
    let site = Arc::new(Site {
        title: settings.title.clone(),
        program: Program::this(),
        events: events::Events::new(reader.clone(), limits, stop),
        metrics: (settings.metrics.clone())
            .map(|render| Work::new(move || Bytes::from(render()), limits.work_time)),
        reader,
    });
    Router::new()
        .route("/", get(page::page))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/graphs", get(graphs::graphs))
        .route("/pictures/{id}", get(graphs::picture))
        .route("/events", get(events::events))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is nothing here\n") })
        .method_not_allowed_fallback(|| async { (StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n") })
        .with_state(site)
        .layer(from_fn_with_state(settings.names(), guard))
}

/// JSON, as one line.
fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], text + "\n").into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether a client would rather have text than JSON: it names `text/plain`, and not JSON.
fn wants_text(headers: &HeaderMap) -> bool {
    let accepts = |kind: &str| {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains(kind))
    };
    accepts("text/plain") && !accepts("application/json")
}

impl IntoResponse for NoAnswer {
    fn into_response(self) -> Response {
        let why = match self {
            Self::Late => "the program did not answer in time\n",
            Self::Panicked => "the program panicked when it was asked\n",
        };
        (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
    }
}
