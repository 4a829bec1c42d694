//! What holds for every request and every answer.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// The names under which the server may be asked, beside addresses and `localhost`.
#[derive(Clone, Debug)]
pub(crate) enum Hosts {
    Any,
    /// In lower case.
    Named(Arc<[String]>),
}

impl Hosts {
    /// Whether a `Host` header names this server. A page of another site that has its name point to this machine (DNS
    /// rebinding) asks under that name, and browsers do not let it choose another.
    pub(crate) fn allow(&self, host: &str) -> bool {
        let Self::Named(names) = self else { return true };
        let Some(name) = name(host) else { return false };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
        bare.parse::<IpAddr>().is_ok()
            || name == "localhost"
            || name.ends_with(".localhost")
            || names.contains(&name)
    }
}

/// A `Host` header without its port.
fn name(host: &str) -> Option<&str> {
    let (name, port) = match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => (&host[..colon], &host[colon + 1..]),
        _ => (host, ""),
    };
    (!name.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit())).then_some(name)
}

/// Refuses what no client of this server sends, and marks answers as what they are.
pub(crate) async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&hosts, &request) {
        Some((status, why)) => (status, format!("{why}\n")).into_response(),
        None => next.run(request).await,
    };
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn refusal(hosts: &Hosts, request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    let host = match one(headers, &header::HOST) {
        Ok(host) => host.or(request.uri().host()),
        Err(()) => return Some((StatusCode::BAD_REQUEST, "more than one host")),
    };
    match host {
        Some(host) if hosts.allow(host) => {}
        // No browser speaks it, and some probes do.
        None if request.version() < Version::HTTP_11 => {}
        None => return Some((StatusCode::BAD_REQUEST, "no host")),
        Some(_) => return Some((StatusCode::MISDIRECTED_REQUEST, "this server has another name")),
    }
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|header| header == value);
    if says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate") {
        return Some((StatusCode::FORBIDDEN, "pages of other sites may not ask"));
    }
    let length = one(headers, &header::CONTENT_LENGTH);
    if headers.contains_key(header::TRANSFER_ENCODING) || !matches!(length, Ok(None | Some("0"))) {
        return Some((StatusCode::PAYLOAD_TOO_LARGE, "no request here has a body"));
    }
    None
}

/// The value of a header that may stand once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// For answers that do not say otherwise.
const HEADERS: [(HeaderName, &str); 7] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

#[cfg(test)]
mod tests;
