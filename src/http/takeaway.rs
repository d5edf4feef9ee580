//! Takeaway: when something can be picked up. `GET /r/{slug}` only serves the page.

use super::Shared;
use super::caller::Address;
use super::problems::Failure;
use crate::domain::ids::RestaurantId;
use crate::domain::takeaway::Work;
use crate::protocol::problem::Problem;
use crate::protocol::rest::SlotList;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use serde::Deserialize;
use std::time::Duration;

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

async fn restaurant_of(door: &Shared, slug: &str) -> Result<RestaurantId, Failure> {
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
