//! A request arrives whole and is answered within its time, or is told that it was not. Its body is read
//! here, before anything is done for it, so that a slow sender holds nothing but its own connection.

use super::problems::Failure;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bytes of a body that is too large which are read and thrown away: a client that is still sending when
/// the connection closes may never see why it was refused.
const DISCARDED_BYTES: usize = 4 * 1024 * 1024;

/// How long a request may take, and how much it may bring.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    pub time: Duration,
    pub body_bytes: usize,
}

/// When a request that does many things should begin no more of them: half of its time is left then, for
/// what is under way and for the answer.
#[derive(Clone, Copy, Debug)]
pub struct BeginUntil(pub Instant);

/// Middleware.
pub async fn keep(State(deadline): State<Deadline>, request: Request, next: Next) -> Response {
    let until = Instant::now() + deadline.time;
    let (mut parts, body) = request.into_parts();
    if waits_with_too_much(&parts.headers, deadline.body_bytes) {
        return closing(too_large(deadline.body_bytes));
    }
    let body = match timeout_at(until, arrived(body, deadline.body_bytes)).await {
        Ok(Ok(body)) => body,
        Ok(Err(failure)) => return closing(failure),
        Err(_) => return closing(Failure::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The body did not arrive.")),
    };
    parts.extensions.insert(BeginUntil(until - deadline.time / 2));
    let request = Request::from_parts(parts, Body::from(body));
    let answer = timeout_at(until, next.run(request)).await;
    answer.unwrap_or_else(|_| Failure::unavailable("the server is too slow").into_response())
}

/// A client that asked before sending (RFC 9110 §10.1.1) need not send what would be thrown away.
fn waits_with_too_much(headers: &HeaderMap, most: usize) -> bool {
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    headers.contains_key(header::EXPECT) && length.is_some_and(|length| length > most)
}

/// The whole body, if it is not too large.
async fn arrived(body: Body, most: usize) -> Result<Bytes, Failure> {
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    let mut size = 0_usize;
    while let Some(chunk) = stream.next().await {
        let broken = |_| Failure::new(StatusCode::BAD_REQUEST, "malformed", "The body broke off.");
        let chunk = chunk.map_err(broken)?;
        size += chunk.len();
        if size <= most {
            whole.extend_from_slice(&chunk);
        } else if size > DISCARDED_BYTES {
            break;
        }
    }
    if size > most { Err(too_large(most)) } else { Ok(whole.into()) }
}

fn too_large(most: usize) -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", format!("A body may have {most} bytes."))
}

/// What is left of the body is not read.
fn closing(failure: Failure) -> Response {
    let mut response = failure.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
