//! The staff of a restaurant, for its managers. Role and removal are commands: `staff.set_role`, `staff.remove`.

use super::Shared;
use super::caller::{Caller, key_of};
use super::problems::Failure;
use super::sent::Sent;
use crate::domain::ids::{CommandId, UserId};
use crate::domain::topic::Audience;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{NewMember, NewPassword, StaffList, StaffMember};
use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode};
use uuid::Uuid;

/// List the staff
#[utoipa::path(get, path = "/api/staff", tag = "staff", security(("bearer" = [])),
    responses((status = 200, description = "Everybody who works here", body = StaffList), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn list(door: Shared, caller: Caller) -> Result<Json<StaffList>, Failure> {
    Ok(Json(StaffList { staff: door.commands.list_staff(&caller.0).await? }))
}

/// Add somebody
///
/// Nobody can be given more than the sender's own role.
#[utoipa::path(post, path = "/api/staff", tag = "staff", security(("bearer" = [])), request_body = NewMember,
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID; a repetition with it adds nobody twice")),
    responses((status = 201, description = "Added", body = StaffMember), (status = 400, description = "`key_missing`: the key is no UUID", body = Problem),
        (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem), (status = 403, description = "`forbidden`", body = Problem),
        (status = 409, description = "`already_member`", body = Problem), (status = 422, description = "`invalid`, `id_reused`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn add(
    door: Shared,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Sent<NewMember>, Failure>,
) -> Result<(StatusCode, Json<StaffMember>), Failure> {
    let id = key_of(&headers)?.unwrap_or_else(|| CommandId((door.commands.source.id)()));
    let Sent(request) = body?;
    let added = door.commands.add_staff(&caller.0, id, request).await;
    Ok((StatusCode::CREATED, Json(added.map_err(|denied| Failure::denied(denied, Audience::Staff))?)))
}

/// Replace somebody's password
///
/// Their logins end. Nobody replaces their own, or that of somebody above them.
#[utoipa::path(post, path = "/api/staff/{user}/password", tag = "staff", security(("bearer" = [])), request_body = NewPassword,
    params(("user" = Uuid, Path, description = "Who")),
    responses((status = 204, description = "Replaced"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`", body = Problem), (status = 404, description = "`unknown_member`", body = Problem),
        (status = 409, description = "`works_elsewhere`", body = Problem), (status = 422, description = "`invalid`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn reset_password(
    door: Shared,
    caller: Caller,
    user: Result<Path<Uuid>, PathRejection>,
    body: Result<Sent<NewPassword>, Failure>,
) -> Result<StatusCode, Failure> {
    let Path(user) = user?;
    let Sent(request) = body?;
    let reset = door.commands.reset_password(&caller.0, UserId(user), request.password).await;
    reset.map_err(|denied| Failure::denied(denied, Audience::Staff))?;
    Ok(StatusCode::NO_CONTENT)
}
