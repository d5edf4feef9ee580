//! What providers tell us, by requests that they signed: how far a message got, and what people write back. Checked
//! against the address that the provider was given (`public_url`), whatever proxies stand between.

use super::Shared;
use super::problems::Failure;
use crate::commands::Denied;
use crate::domain::ids::RestaurantId;
use crate::protocol::problem::Problem;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, OriginalUri, Path};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

type Fields = Vec<(String, String)>;
/// Under another name, for the document: it has no schema of a list of pairs.
type Posted = Form<Fields>;

/// Twilio tells how far a message got
#[utoipa::path(post, path = "/hooks/twilio/status/{restaurant}/{id}", tag = "hooks",
    params(("restaurant" = Uuid, Path, description = "Whose message"), ("id" = Uuid, Path, description = "The message"),
        ("X-Twilio-Signature" = String, Header, description = "By the account's token, over the URL and the form")),
    responses((status = 204, description = "Taken, or known already"), (status = 403, description = "`forged`", body = Problem),
        (status = 404, description = "There is no such message", body = Problem), (status = 503, description = "Tell it again", body = Problem)))]
pub async fn status(
    door: Shared,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    path: Result<Path<(Uuid, Uuid)>, PathRejection>,
    form: Result<Posted, FormRejection>,
) -> Result<StatusCode, Failure> {
    let fields = signed(&door, &uri, &headers, form)?;
    let Path((restaurant, id)) = path?;
    let field = |name: &str| value(&fields, name);
    let (Some(sid), Some(status)) = (field("MessageSid"), field("MessageStatus")) else {
        return Err(Failure::not_found());
    };
    let heard = door.notifier.heard(RestaurantId(restaurant), id, sid, status, field("ErrorCode")).await;
    if heard.map_err(Denied::from)? { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::not_found()) }
}

/// Twilio passes on what somebody wrote to our number
#[utoipa::path(post, path = "/hooks/twilio/inbound", tag = "hooks",
    params(("X-Twilio-Signature" = String, Header, description = "By the account's token, over the URL and the form")),
    responses((status = 200, description = "TwiML: what to write back", content_type = "text/xml", body = String),
        (status = 403, description = "`forged`", body = Problem), (status = 404, description = "There is no Twilio here", body = Problem),
        (status = 503, description = "Tell it again", body = Problem)))]
pub async fn inbound(
    door: Shared,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    form: Result<Posted, FormRejection>,
) -> Result<Response, Failure> {
    let fields = signed(&door, &uri, &headers, form)?;
    let field = |name: &str| value(&fields, name);
    let (Some(sid), Some(from)) = (field("MessageSid"), field("From")) else { return Err(Failure::not_found()) };
    let answer = door.notifier.written(sid, from, field("Body").unwrap_or_default()).await.map_err(Denied::from)?;
    let message = answer.map(|text| format!("<Message>{text}</Message>")).unwrap_or_default();
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{message}</Response>");
    Ok(([(header::CONTENT_TYPE, "text/xml")], body).into_response())
}

fn signed(
    door: &super::Door,
    uri: &Uri,
    headers: &HeaderMap,
    form: Result<Posted, FormRejection>,
) -> Result<Fields, Failure> {
    let twilio = door.notifier.carriers.twilio.as_ref().ok_or_else(Failure::not_found)?;
    let Form(fields) = form.map_err(|_| Failure::forged())?;
    let url = format!("{}{uri}", door.public_url);
    let signature = headers.get("x-twilio-signature").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if twilio.is_signed(&url, &fields, signature) { Ok(fields) } else { Err(Failure::forged()) }
}

fn value<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}
