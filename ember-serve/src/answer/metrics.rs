//! Figures for Prometheus.

mod text;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::Site;
use crate::told::Reader;

/// The text format's version, without which Prometheus refuses an answer.
const TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    match site.metrics.ask().await {
        Ok(text) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(no) => no.into_response(),
    }
}

/// What ember knows itself.
pub(super) fn own(reader: Arc<Reader>) -> Arc<dyn Fn() -> String + Send + Sync> {
    Arc::new(move || text::write(&reader.descriptions(), &reader.snapshot()))
}
