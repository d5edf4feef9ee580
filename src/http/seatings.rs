//! A scan: the code on the table for a token of this phone. `GET /t/{qr}` only serves the page.

use super::Shared;
use super::caller::{Address, MaybeCaller};
use super::problems::Failure;
use crate::commands::seatings::INVALID_CODE;
use crate::domain::ids::CommandId;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{ScanRequest, Scanned};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use uuid::Uuid;

/// Open or join the seating of a scanned table
///
/// A phone that was here before sends its old token and is the same guest again.
#[utoipa::path(post, path = "/api/seatings", tag = "seatings", request_body = ScanRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID; a repeated scan with it is the same scan")),
    responses((status = 200, description = "Let in", body = Scanned), (status = 404, description = "`invalid_code`", body = Problem),
        (status = 409, description = "`seating_full`", body = Problem), (status = 410, description = "`old_code`", body = Problem)))]
pub async fn scan(
    door: Shared,
    Address(address): Address,
    MaybeCaller(before): MaybeCaller,
    headers: HeaderMap,
    body: Result<Json<ScanRequest>, JsonRejection>,
) -> Result<Json<Scanned>, Failure> {
    door.limits.scan(address)?;
    let Json(request) = body?;
    let Some(code) = door.commands.read_code(&request.qr) else {
        return Err(Failure::new(
            StatusCode::NOT_FOUND,
            INVALID_CODE,
            "This is not a code of ours. Scan the code on the table.",
        ));
    };
    let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).and_then(|v| Uuid::try_parse(v).ok());
    let id = CommandId(key.unwrap_or_else(|| (door.commands.source.id)()));
    Ok(Json(door.commands.scan(&code, before.as_ref(), id).await?))
}
