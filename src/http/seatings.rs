//! A scan: the code on the table for a token of this phone. `GET /t/{qr}` only serves the page. And the PIN that
//! staff tell a party.

use super::Shared;
use super::caller::{Address, Caller, Former, key_of};
use super::problems::Failure;
use super::sent::Sent;
use crate::commands::Denied;
use crate::commands::seatings::INVALID_CODE;
use crate::domain::ids::{CommandId, SeatingId};
use crate::domain::people::Role;
use crate::domain::refusal::{Code, Refusal};
use crate::protocol::problem::Problem;
use crate::protocol::rest::{ScanRequest, Scanned};
use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Open or join the seating of a scanned table
///
/// A phone that was here before sends its old token and is the same guest again.
#[utoipa::path(post, path = "/api/seatings", tag = "seatings", request_body = ScanRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID; a repeated scan with it is the same scan")),
    responses((status = 200, description = "Let in", body = Scanned), (status = 400, description = "`key_missing`: the key is no UUID", body = Problem), (status = 404, description = "`invalid_code`", body = Problem),
        (status = 409, description = "`seating_full`", body = Problem), (status = 410, description = "`old_code`", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "Try again with the same key", body = Problem)))]
pub async fn scan(
    door: Shared,
    address: Address,
    Former(before): Former,
    headers: HeaderMap,
    body: Result<Sent<ScanRequest>, Failure>,
) -> Result<Json<Scanned>, Failure> {
    door.limits.scan(address.network)?;
    let Sent(request) = body?;
    let Some(code) = door.commands.read_code(&request.qr) else {
        return Err(Failure::new(
            StatusCode::NOT_FOUND,
            INVALID_CODE,
            "This is not a code of ours. Scan the code on the table.",
        ));
    };
    let id = match key_of(&headers)? {
        Some(id) => id,
        None => CommandId((door.commands.source.id)()),
    };
    Ok(Json(door.commands.scan(&code, before.as_ref(), id).await?))
}

/// What staff tell a party whose gate is a PIN.
#[derive(Serialize, ToSchema)]
pub struct SeatingPin {
    /// Four digits.
    pin: String,
}

/// Read the PIN of a seating, to tell it to the party
#[utoipa::path(get, path = "/api/seatings/{id}/pin", tag = "seatings", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The seating")),
    responses((status = 200, description = "The PIN", body = SeatingPin), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role waiter", body = Problem), (status = 404, description = "`unknown_seating`", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem)))]
pub async fn pin(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<SeatingPin>, Failure> {
    let Path(id) = id?;
    if !caller.0.actor.is_at_least(Role::Waiter) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", "This needs the role `waiter` or higher."));
    }
    let stored = door.commands.store.seating(caller.0.restaurant, SeatingId(id)).await.map_err(Denied::from)?;
    let unknown = || Refusal::new(Code::UnknownSeating, "There is no such seating.");
    let stored = stored.ok_or_else(|| Failure::refused(unknown(), caller.audience()))?;
    stored.seating.must_be_open().map_err(|closed| Failure::refused(closed, caller.audience()))?;
    Ok(Json(SeatingPin { pin: stored.pin }))
}
