//! What a restaurant wants that its manager may change.

use super::Shared;
use super::caller::Caller;
use super::problems::Failure;
use super::sent::Sent;
use crate::domain::message::Messages;
use crate::protocol::problem::Problem;
use axum::Json;
use axum::http::StatusCode;

/// Read which messages guests are sent
#[utoipa::path(get, path = "/api/settings/messages", tag = "settings", security(("bearer" = [])),
    responses((status = 200, description = "Which news, and by which channels; what the server itself has is at `/api/push`", body = Messages),
        (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem)))]
pub async fn messages(door: Shared, caller: Caller) -> Result<Json<Messages>, Failure> {
    let audience = caller.audience();
    let messages = door.commands.messages(&caller.0).await.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(Json(messages))
}

/// Change which messages guests are sent
///
/// The whole of it. What is left out is switched on. What waits to be sent goes as it was.
#[utoipa::path(put, path = "/api/settings/messages", tag = "settings", security(("bearer" = [])),
    request_body = Messages,
    responses((status = 204, description = "From here on"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 422, description = "`invalid`", body = Problem)))]
pub async fn set_messages(door: Shared, caller: Caller, Sent(messages): Sent<Messages>) -> Result<StatusCode, Failure> {
    let audience = caller.audience();
    let done = door.commands.set_messages(&caller.0, messages).await;
    done.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(StatusCode::NO_CONTENT)
}
