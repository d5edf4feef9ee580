//! Takeaway: when something can be picked up, and the phone that wants to order: a code proves whose it is.
//! `GET /r/{slug}` only serves the page.

use super::caller::{Address, Former};
use super::problems::Failure;
use super::sent::Sent;
use super::{Door, Shared};
use crate::domain::ids::{GuestId, RestaurantId};
use crate::domain::refusal::{FieldProblem, Refusal};
use crate::domain::takeaway::Work;
use crate::domain::topic::Audience;
use crate::identity::tokens::Claims;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{CodeAsked, CodeGiven, CodeRequest, SlotList, TakeawayGuest};
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::Deserialize;
use std::time::Duration;
use uuid::Uuid;

/// What the order is that looks for a time.
#[derive(Deserialize)]
pub struct WorkQuery {
    #[serde(default)]
    preparation: u16,
    #[serde(default)]
    minutes: u16,
}

fn unknown() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "unknown_restaurant", "There is no restaurant of that name here.")
}

async fn restaurant_of(door: &Door, slug: &str) -> Result<RestaurantId, Failure> {
    door.commands.restaurant(slug).await?.ok_or_else(unknown)
}

/// When can it be picked up?
///
/// The quarters of an hour that are left: open, not too early for what is ordered, and with room in the kitchen.
#[utoipa::path(get, path = "/api/restaurants/{slug}/slots", tag = "takeaway",
    params(("slug" = String, Path, description = "The restaurant"),
        ("preparation" = Option<u16>, Query, description = "Minutes that the slowest dish takes"),
        ("minutes" = Option<u16>, Query, description = "Minutes that all portions take together")),
    responses((status = 200, description = "What is left", body = SlotList), (status = 404, description = "`unknown_restaurant`", body = Problem),
        (status = 422, description = "`invalid`", body = Problem), (status = 429, description = "`limited`", body = Problem),
        (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn slots(
    door: Shared,
    address: Address,
    slug: Result<Path<String>, PathRejection>,
    query: Result<Query<WorkQuery>, QueryRejection>,
) -> Result<Json<SlotList>, Failure> {
    door.limits.scan(address.network)?;
    let (Path(slug), Query(query)) = (slug?, query?);
    let work =
        Work { preparation: Duration::from_secs(60 * u64::from(query.preparation)), minutes: i64::from(query.minutes) };
    let restaurant = restaurant_of(&door, &slug).await?;
    Ok(Json(door.commands.slots(restaurant, work).await?.ok_or_else(unknown)?))
}

/// Ask for a code to be sent to a phone
///
/// Six digits, good for five minutes and five tries. The answer is the same whoever's the number is. Another code for
/// the same number ends the one before.
#[utoipa::path(post, path = "/api/restaurants/{slug}/codes", tag = "takeaway", request_body = CodeRequest,
    params(("slug" = String, Path, description = "The restaurant")),
    responses((status = 202, description = "On its way", body = CodeAsked), (status = 404, description = "`unknown_restaurant`", body = Problem),
        (status = 409, description = "`takeaway_closed`", body = Problem), (status = 422, description = "`invalid`", body = Problem),
        (status = 429, description = "`limited`: too many codes for the number, from the address, of the restaurant", body = Problem),
        (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn ask(
    door: Shared,
    address: Address,
    slug: Result<Path<String>, PathRejection>,
    body: Result<Sent<CodeRequest>, Failure>,
) -> Result<(StatusCode, Json<CodeAsked>), Failure> {
    door.limits.scan(address.network)?;
    let (Path(slug), Sent(request)) = (slug?, body?);
    if !door.notifier.channels().contains(&request.channel) {
        let message = "is not a channel that this server can send by".to_owned();
        let field = FieldProblem { field: "channel".to_owned(), message };
        return Err(Failure::refused(Refusal::invalid(vec![field]), Audience::Guest));
    }
    let restaurant = restaurant_of(&door, &slug).await?;
    let asked = door.commands.ask_code(restaurant, request, address.network).await?.ok_or_else(unknown)?;
    Ok((StatusCode::ACCEPTED, Json(asked)))
}

/// Give the code back, for a token
#[utoipa::path(post, path = "/api/restaurants/{slug}/codes/{id}", tag = "takeaway", request_body = CodeGiven,
    params(("slug" = String, Path, description = "The restaurant"), ("id" = Uuid, Path, description = "As the code was asked for")),
    responses((status = 200, description = "Verified", body = TakeawayGuest), (status = 403, description = "`wrong_code`", body = Problem),
        (status = 404, description = "`unknown_restaurant`", body = Problem), (status = 410, description = "`code_ended`: no more tries, or no more time", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn verify(
    door: Shared,
    address: Address,
    path: Result<Path<(String, Uuid)>, PathRejection>,
    body: Result<Sent<CodeGiven>, Failure>,
) -> Result<Json<TakeawayGuest>, Failure> {
    door.limits.scan(address.network)?;
    let (Path((slug, id)), Sent(given)) = (path?, body?);
    let restaurant = restaurant_of(&door, &slug).await?;
    let guest = door.commands.verify_code(restaurant, GuestId(id), &given.code).await?.ok_or_else(unknown)?;
    Ok(Json(guest))
}

/// Get a newer token for a phone that was verified
///
/// The old one may have expired.
#[utoipa::path(post, path = "/api/takeaway/token", tag = "takeaway", security(("bearer" = [])),
    responses((status = 200, description = "Renewed", body = TakeawayGuest), (status = 401, description = "`unauthorized`, `revoked`: verify the phone again", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn renew(door: Shared, Former(before): Former) -> Result<Json<TakeawayGuest>, Failure> {
    let claims = known(&door, before)?;
    Ok(Json(door.commands.renew_takeaway(&claims).await?))
}

/// Forget a phone that was verified
///
/// Its tokens, this one and older ones, open nothing any more.
#[utoipa::path(delete, path = "/api/takeaway/token", tag = "takeaway", security(("bearer" = [])),
    responses((status = 204, description = "Forgotten"), (status = 401, description = "`unauthorized`", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn forget(door: Shared, Former(before): Former) -> Result<StatusCode, Failure> {
    let claims = known(&door, before)?;
    door.commands.forget_takeaway(&claims).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody whose token was once good, within their limits.
fn known(door: &Door, before: Option<Claims>) -> Result<Claims, Failure> {
    let claims = before.ok_or_else(|| Failure::unauthorized("unauthorized"))?;
    door.limits.request(&claims)?;
    Ok(claims)
}
