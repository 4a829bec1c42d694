//! Whether the program lives, and whether it can do its work.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::{Site, json, wants_text};
use crate::VERSION;
use crate::told::Health;

#[derive(Serialize)]
struct Live {
    version: u32,
    status: &'static str,
}

#[derive(Serialize)]
struct Ready<'a> {
    version: u32,
    #[serde(flatten)]
    health: &'a Health,
}

/// It does as long as it answers.
pub(super) async fn live(headers: HeaderMap) -> Response {
    if wants_text(&headers) {
        return "live\n".into_response();
    }
    json(StatusCode::OK, &Live { version: VERSION, status: "live" })
}

pub(super) async fn ready(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let health = site.reader.health().await;
    let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if wants_text(&headers) {
        return (status, format!("{}\n", health.0)).into_response();
    }
    json(status, &Ready { version: VERSION, health: &health })
}
