//! What stands around every door, the socket's too: an id for each request, headers that every response
//! carries, a catch for panics, and what a request leaves in log and metrics.

use super::problems;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;
use uuid::Uuid;

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

/// Names a request in its response, in its problem and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the guard needs to know.
#[derive(Clone)]
pub struct Guard {
    /// Links are HTTPS: browsers are told to stay there.
    pub secure: bool,
    pub id: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

/// Puts the guard around all routes, and the catch for panics inside of it.
pub fn guarded(router: Router, guard: Guard) -> Router {
    router.layer(CatchPanicLayer::custom(problems::panicked)).layer(middleware::from_fn_with_state(guard, watch))
}

/// Adds headers, counts, logs. Paths of table links are not logged: they hold a code.
async fn watch(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let id = (guard.id)().simple().to_string();
    let path = request.uri().path();
    let path = if path.starts_with("/api/") { path.to_owned() } else { String::new() };
    let method = request.method().clone();
    let span = tracing::error_span!("http", request.id = id);
    let mut response = next.run(request).instrument(span).await;
    let status = response.status();
    metrics::counter!(crate::telemetry::HTTP_REQUESTS, crate::telemetry::LABEL_STATUS => status.as_u16().to_string())
        .increment(1);
    if status.is_server_error() {
        tracing::warn!(request.id = id, %method, path, status = status.as_u16(), "a request could not be served");
    }
    problems::write(&mut response, &id);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // What may be kept says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if guard.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;

    async fn broken() -> &'static str {
        panic!("a bug in a handler")
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_a_bland_problem_that_has_all_headers() {
        drop(rustls::crypto::ring::default_provider().install_default());
        let guard = Guard { secure: true, id: Arc::new(|| Uuid::from_u128(7)) };
        let router = guarded(Router::new().route("/api/broken", get(broken)), guard);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/broken", listener.local_addr().unwrap());
        let asked = async { reqwest::get(url).await.unwrap() };
        let answer = tokio::select! {
            answer = asked => answer,
            _ = axum::serve(listener, router).into_future() => unreachable!("it serves for ever"),
        };
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers()[header::CONTENT_SECURITY_POLICY], CSP);
        assert_eq!(answer.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert_eq!(answer.headers()[REQUEST_ID], "00000000000000000000000000000007");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "bug");
        assert_eq!(problem["request"], "00000000000000000000000000000007");
        assert!(!problem.to_string().contains("in a handler"), "{problem}");
    }
}
