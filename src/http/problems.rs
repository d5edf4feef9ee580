//! Every error as an RFC 9457 problem document, with the status its code stands for.

use crate::commands::Denied;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::topic::Audience;
use crate::protocol::problem::Problem;
use crate::protocol::view::{GuestOrder, OrderView};
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::any::Any;

/// An error on its way out.
#[derive(Clone, Debug)]
pub struct Failure {
    problem: Box<Problem>,
    /// Seconds.
    retry_after: Option<u64>,
}

/// A client is told to come back after this when the database is away.
const RETRY_SECONDS: u64 = 1;

impl Failure {
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { problem: Box::new(Problem::new(status.as_u16(), title, code, detail)), retry_after: None }
    }

    pub fn refused(refusal: Refusal, audience: Audience) -> Self {
        let status = status_of(refusal.code);
        let mut refusal = refusal;
        let current = refusal.current.take().map(|order| match audience {
            Audience::Staff => OrderView::Staff(order),
            Audience::Guest => OrderView::Guest(Box::new(GuestOrder::from(&*order))),
        });
        let title = status.canonical_reason().unwrap_or("Refused");
        Self { problem: Box::new(Problem::of(status.as_u16(), title, refusal, current)), retry_after: None }
    }

    pub fn limited(retry_after: u64) -> Self {
        let detail = format!("Too many requests. Try again in {retry_after} s.");
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "limited", detail) }
    }

    /// Too many wrong answers (or wishes to be paired): a row that all nodes count in says so.
    pub fn too_many_tries(retry_after: u64) -> Self {
        let detail = format!("Too many tries. Try again in {retry_after} s.");
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "limited", detail) }
    }

    pub fn unavailable(why: &str) -> Self {
        let detail = format!("Not now: {why}. Send the same request again, with the same Idempotency-Key.");
        Self { retry_after: Some(RETRY_SECONDS), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail) }
    }

    pub fn unauthorized(code: &str) -> Self {
        let detail = match code {
            "expired" => "The token has expired. Get a new one.",
            "revoked" => "This login was ended. Sign in again.",
            "wrong_credentials" => "E-mail or password is wrong.",
            "choose_restaurant" => "You work for several restaurants: name one in `restaurant`.",
            "signed_out" => "You are signed out. Sign in again.",
            _ => "A valid bearer token is needed.",
        };
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// A provider's request that the provider did not sign.
    pub fn forged() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forged", "The signature is not the provider's.")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// A bug: bland outside. Whoever found it logs it.
    pub fn bug() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "Something went wrong here. It was logged.")
    }

    /// What a use case denied, for one audience.
    pub fn denied(denied: Denied, audience: Audience) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::refused(refusal, audience),
            Denied::Unavailable(why) => Self::unavailable(why),
            Denied::Unauthorized(code) => Self::unauthorized(code),
            Denied::Limited(seconds) => Self::too_many_tries(seconds),
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::denied(denied, Audience::Guest)
    }
}

/// 422: the request is wrong in itself. 409: it does not fit what is. 410: what it refers to has ended.
fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Invalid | Code::UnknownCommand | Code::IdReused | Code::Unwritable => StatusCode::UNPROCESSABLE_ENTITY,
        Code::UnknownOrder
        | Code::UnknownLine
        | Code::UnknownStation
        | Code::UnknownItem
        | Code::UnknownTable
        | Code::UnknownSeating
        | Code::UnknownGuest
        | Code::UnknownCall
        | Code::UnknownSession
        | Code::UnknownScreen
        | Code::UnknownMember => StatusCode::NOT_FOUND,
        Code::Forbidden | Code::WrongPin | Code::PinLocked | Code::WrongCode | Code::OtherPhone => {
            StatusCode::FORBIDDEN
        }
        Code::SessionRevoked => StatusCode::UNAUTHORIZED,
        Code::OldCode | Code::SeatingClosed | Code::CodeEnded => StatusCode::GONE,
        Code::Changed
        | Code::WrongState
        | Code::OnHold
        | Code::Held
        | Code::AllergyUnconfirmed
        | Code::Unavailable
        | Code::TotalChanged
        | Code::SeatingFull
        | Code::OpenOrders
        | Code::TooManyScreens
        | Code::AlreadyMember
        | Code::WorksElsewhere
        | Code::TableTaken
        | Code::TooSoon
        | Code::TooLate
        | Code::Scheduled
        | Code::SlotTaken
        | Code::TakeawayClosed
        | Code::NoStation => StatusCode::CONFLICT,
    }
}

/// A response's problem until the guard writes it into the body: only there is the request's id known.
#[derive(Clone)]
struct Unwritten(Box<Problem>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Unwritten(self.problem));
        response
    }
}

/// Writes a response's problem, if it has one, with the id of its request.
pub fn write(response: &mut Response, request: &str) {
    if let Some(Unwritten(mut problem)) = response.extensions_mut().remove::<Unwritten>() {
        problem.request = Some(request.to_owned());
        *response.body_mut() = Body::from(serde_json::to_vec(&*problem).unwrap_or_default());
    }
}

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self::not_found()
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", rejection.body_text())
    }
}

/// The path is there, but not for this method; the router adds `Allow`.
pub async fn wrong_method() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "The `Allow` header names what can be done here.")
}

/// A bug: logged whole, bland outside.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    Failure::bug().into_response()
}
