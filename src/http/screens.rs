//! Screens: a code to show, the login that is collected for it, and the manager who confirms.

use super::auth::{answer, same_origin};
use super::caller::{Address, Caller, Secure, key_of};
use super::problems::Failure;
use super::sent::Sent;
use super::{Door, Shared};
use crate::commands::screens::Claimed;
use crate::domain::ids::{CommandId, RestaurantId};
use crate::domain::people::Screen;
use crate::domain::topic::Audience;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{
    CollectRequest, ConfirmRequest, LoggedIn, PairRequest, PairingAsked, PairingWaits, ScreenList,
};
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

/// Ask for a pairing code
///
/// The screen shows it; a manager confirms it with `POST /api/screens`.
#[utoipa::path(post, path = "/api/auth/pair", tag = "screens", request_body = PairRequest,
    responses((status = 201, description = "A code, good for five minutes", body = PairingAsked), (status = 403, description = "`cross_origin`", body = Problem),
        (status = 404, description = "`unknown_restaurant`", body = Problem), (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn ask(
    door: Shared,
    address: Address,
    headers: HeaderMap,
    body: Result<Sent<PairRequest>, Failure>,
) -> Result<(StatusCode, Json<PairingAsked>), Failure> {
    same_origin(&headers)?;
    door.limits.scan(address.network)?;
    let Sent(request) = body?;
    let restaurant = restaurant(&door, &request.restaurant).await?;
    Ok((StatusCode::CREATED, Json(door.commands.ask_pairing(restaurant, address.network).await?)))
}

/// Collect the login of a paired screen
///
/// 202 while nobody has confirmed the code: ask again after `poll_ms`.
#[utoipa::path(post, path = "/api/auth/pair/collect", tag = "screens", request_body = CollectRequest,
    responses((status = 200, description = "Let in; the refresh token is in a cookie", body = LoggedIn), (status = 202, description = "Nobody has confirmed the code yet", body = PairingWaits),
        (status = 403, description = "`cross_origin`", body = Problem), (status = 404, description = "`unknown_restaurant`", body = Problem),
        (status = 410, description = "`pairing_ended`: ask for a new code", body = Problem), (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn collect(
    door: Shared,
    address: Address,
    secure: Secure,
    headers: HeaderMap,
    body: Result<Sent<CollectRequest>, Failure>,
) -> Result<Response, Failure> {
    same_origin(&headers)?;
    door.limits.scan(address.network)?;
    let Sent(request) = body?;
    let restaurant = restaurant(&door, &request.restaurant).await?;
    match door.commands.collect_pairing(restaurant, &request.claim).await? {
        Claimed::Waits(waits) => Ok((StatusCode::ACCEPTED, Json(waits)).into_response()),
        Claimed::In(login) => Ok(answer(secure, *login)),
        Claimed::Ended => {
            Err(Failure::new(StatusCode::GONE, "pairing_ended", "This code is no longer good. Ask for a new one."))
        }
    }
}

async fn restaurant(door: &Door, slug: &str) -> Result<RestaurantId, Failure> {
    let found = door.commands.restaurant(slug).await?;
    found.ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "unknown_restaurant", "There is no such restaurant."))
}

/// Confirm the code that a screen shows
///
/// With `screen` a known one is paired again: it keeps its identity, and its old login ends.
#[utoipa::path(post, path = "/api/screens", tag = "screens", security(("bearer" = [])), request_body = ConfirmRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "A UUID; a repetition with it is the same confirmation")),
    responses((status = 201, description = "Paired", body = Screen), (status = 400, description = "`key_missing`: the key is no UUID", body = Problem),
        (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem), (status = 403, description = "`forbidden`: needs the role manager; `wrong_code`", body = Problem),
        (status = 404, description = "`unknown_screen`, `unknown_station`", body = Problem), (status = 409, description = "`too_many_screens`", body = Problem),
        (status = 422, description = "`invalid`, `id_reused`", body = Problem), (status = 429, description = "`limited`: too many wrong codes", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn confirm(
    door: Shared,
    caller: Caller,
    address: Address,
    headers: HeaderMap,
    body: Result<Sent<ConfirmRequest>, Failure>,
) -> Result<(StatusCode, Json<Screen>), Failure> {
    let id = key_of(&headers)?.unwrap_or_else(|| CommandId((door.commands.source.id)()));
    let Sent(request) = body?;
    let screen = door.commands.confirm_pairing(&caller.0, id, request, address.network).await;
    let screen = screen.map_err(|denied| Failure::denied(denied, Audience::Staff))?;
    Ok((StatusCode::CREATED, Json(screen)))
}

/// List the paired screens
#[utoipa::path(get, path = "/api/screens", tag = "screens", security(("bearer" = [])),
    responses((status = 200, description = "Those that have not been revoked", body = ScreenList), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn list(door: Shared, caller: Caller) -> Result<Json<ScreenList>, Failure> {
    Ok(Json(ScreenList { screens: door.commands.list_screens(&caller.0).await? }))
}
