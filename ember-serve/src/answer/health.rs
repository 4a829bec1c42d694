//! Whether the program lives, and whether it can do its work.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::{Site, json, wants_text};
use crate::VERSION;
use crate::told::{Health, Reason};

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
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if wants_text(&headers) {
        let mut text = format!("{}\n", health.status);
        for Reason { of, kind, text: why, .. } in &health.reasons {
            text.extend([of, " (", *kind, "): ", why, "\n"]);
        }
        return (status, text).into_response();
    }
    json(status, &Ready { version: VERSION, health: &health })
}
