//! What every response carries, and what every request leaves in log and metrics.

use super::Door;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Only our own scripts, styles and sockets; nobody may frame us. `ws:` and `wss:` are named because
/// Safari before 15.4 does not count them as `self`.
const CSP: &str = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; \
    script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds headers, counts, logs. Paths of table links are not logged: they hold a code.
pub async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let method = request.method().clone();
    let path = if is_api { request.uri().path().to_owned() } else { String::new() };
    let mut response = next.run(request).await;
    let status = response.status();
    metrics::counter!(crate::telemetry::HTTP_REQUESTS, crate::telemetry::LABEL_STATUS => status.as_u16().to_string())
        .increment(1);
    if status.is_server_error() {
        tracing::warn!(%method, path, status = status.as_u16(), "a request could not be served");
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if door.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
