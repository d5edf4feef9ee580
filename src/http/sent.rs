//! A JSON body, read into what a handler works with. What is wrong with it is said by status: not JSON at
//! all 415, not well-formed 400, well-formed but not what is asked for 422, with the field's path.

use super::problems::Failure;
use crate::domain::refusal::{FieldProblem, Refusal};
use crate::domain::topic::Audience;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

/// Characters of a parser's complaint that are passed on: it may quote what was sent.
const COMPLAINT_CHARS: usize = 200;

/// What a client sent as JSON.
pub struct Sent<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", "Send application/json."));
        }
        let broken = |_| Failure::new(StatusCode::BAD_REQUEST, "malformed", "The body broke off.");
        let body = Bytes::from_request(request, state).await.map_err(broken)?;
        read(&body).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let sent = serde_path_to_error::deserialize(&mut json);
    let sent = sent.map_err(|wrong| complaint(body, &wrong.path().to_string(), wrong.inner()))?;
    json.end().map_err(|wrong| complaint(body, ".", &wrong))?;
    Ok(sent)
}

/// A parser stops at the first thing that it does not expect, so its own word for it does not say whether
/// the rest is JSON: that is looked at here.
fn complaint(body: &[u8], path: &str, wrong: &serde_json::Error) -> Failure {
    let short = |wrong: &serde_json::Error| wrong.to_string().chars().take(COMPLAINT_CHARS).collect::<String>();
    if let Err(broken) = serde_json::from_slice::<serde_json::Value>(body) {
        return Failure::new(StatusCode::BAD_REQUEST, "malformed", short(&broken));
    }
    let field = if path == "." { "body" } else { path };
    let fields = vec![FieldProblem { field: field.to_owned(), message: short(wrong) }];
    Failure::refused(Refusal::invalid(fields), Audience::Guest)
}
