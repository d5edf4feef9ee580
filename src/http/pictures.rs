//! Pictures of dishes: managers put them, everybody reads them. A picture's address names its content, so whoever has
//! it once need not ask again.

use super::Shared;
use super::caller::Caller;
use super::problems::Failure;
use crate::commands::pictures::NoPicture;
use crate::domain::ids::ItemId;
use crate::domain::menu::Picture;
use crate::domain::topic::Audience;
use crate::pictures::Unfit;
use crate::protocol::problem::Problem;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderName, StatusCode, header};
use uuid::Uuid;

/// What a content's address answers is true for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Give a dish a picture
///
/// A JPEG, PNG or WebP of at most 10 MiB and 50 megapixels as the body. It is turned as its camera was held, cut to at
/// most 3:2, and written anew in several widths; nothing of the file but its pixels is kept.
#[utoipa::path(put, path = "/api/items/{id}/picture", tag = "menu", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The dish")), request_body(content = Vec<u8>, content_type = "image/*"),
    responses((status = 200, description = "What the menu names now", body = Picture), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 404, description = "`unknown_item`", body = Problem),
        (status = 413, description = "`too_large`, `too_many_pixels`", body = Problem), (status = 415, description = "`not_a_picture`", body = Problem),
        (status = 422, description = "`broken_picture`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn put(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
    body: Bytes,
) -> Result<Json<Picture>, Failure> {
    let Path(id) = id?;
    let put = door.commands.put_picture(&caller.0, ItemId(id), body.into()).await;
    put.map(Json).map_err(|why| match why {
        NoPicture::Denied(denied) => Failure::denied(denied, Audience::Staff),
        NoPicture::Unfit(unfit) => refused(unfit),
    })
}

fn refused(unfit: Unfit) -> Failure {
    let (status, code) = match unfit {
        Unfit::NotAPicture => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_picture"),
        Unfit::TooManyPixels => (StatusCode::PAYLOAD_TOO_LARGE, "too_many_pixels"),
        Unfit::Broken => (StatusCode::UNPROCESSABLE_ENTITY, "broken_picture"),
    };
    Failure::new(status, code, unfit.to_string())
}

/// Take a dish's picture away
#[utoipa::path(delete, path = "/api/items/{id}/picture", tag = "menu", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The dish")),
    responses((status = 204, description = "It has none"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 404, description = "`unknown_item`", body = Problem),
        (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn remove(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let Path(id) = id?;
    let dropped = door.commands.drop_picture(&caller.0, ItemId(id)).await;
    dropped.map_err(|denied| Failure::denied(denied, Audience::Staff))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a picture
///
/// `id` and the widths that there are come with the menu.
#[utoipa::path(get, path = "/api/restaurants/{slug}/pictures/{id}/{width}", tag = "menu",
    params(("slug" = String, Path, description = "The restaurant"), ("id" = String, Path, description = "The picture"), ("width" = u16, Path, description = "In pixels")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg"), (status = 404, description = "`unknown_picture`, `unknown_restaurant`", body = Problem),
        (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn read(
    door: Shared,
    path: Result<Path<(String, String, u16)>, PathRejection>,
) -> Result<([(HeaderName, &'static str); 2], Vec<u8>), Failure> {
    let Path((slug, id, width)) = path?;
    let missing = |code: &str, detail: &str| Failure::new(StatusCode::NOT_FOUND, code, detail);
    let restaurant = door.commands.restaurant(&slug).await?;
    let restaurant =
        restaurant.ok_or_else(|| missing("unknown_restaurant", "There is no restaurant of that name here."))?;
    let unknown = || missing("unknown_picture", "There is no such picture.");
    // No text of a database holds U+0000.
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(unknown());
    }
    let bytes = door.commands.picture(restaurant, &id, width).await?.ok_or_else(unknown)?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, FOR_EVER)], bytes))
}
