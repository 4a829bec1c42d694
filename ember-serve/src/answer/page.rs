//! The live page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse};

use super::Site;
use crate::page;

pub(super) async fn page(State(site): State<Arc<Site>>) -> impl IntoResponse {
    let nonce = page::nonce();
    ([(header::CONTENT_SECURITY_POLICY, page::policy(&nonce))], Html(page::html(&site.title, &nonce)))
}
