//! A scan: the code on the table for a token of this phone. `GET /t/{qr}` only serves the page.

use super::Shared;
use super::caller::{Address, Former, key_of};
use super::problems::Failure;
use super::sent::Sent;
use crate::commands::seatings::INVALID_CODE;
use crate::domain::ids::CommandId;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{ScanRequest, Scanned};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};

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
