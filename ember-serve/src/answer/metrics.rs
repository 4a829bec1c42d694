//! Figures for Prometheus, as the program's recorder writes them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Site;

/// The text format's version, without which Prometheus refuses an answer.
const TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let Some(render) = &site.metrics else {
        let why = "this program gives no metrics: ServeBuilder::metrics says what writes them\n";
        return (StatusCode::NOT_FOUND, why).into_response();
    };
    match render.ask().await {
        Ok(text) => ([(header::CONTENT_TYPE, TYPE)], text).into_response(),
        Err(no) => no.into_response(),
    }
}
