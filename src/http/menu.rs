//! The menu, whole, compressed once per version and encoding.

use super::Shared;
use super::problems::Failure;
use crate::domain::menu::Menu;
use crate::protocol::problem::Problem;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::Write;

/// Read a restaurant's menu
///
/// `ETag` is the menu's version; `If-None-Match` saves the body.
#[utoipa::path(get, path = "/api/restaurants/{slug}/menu", tag = "menu", params(("slug" = String, Path, description = "The restaurant")),
    responses((status = 200, description = "The menu", body = Menu), (status = 304, description = "Not changed"),
        (status = 404, description = "`unknown_restaurant`", body = Problem)))]
pub async fn menu(
    door: Shared,
    slug: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Path(slug) = slug?;
    let unknown =
        || Failure::new(StatusCode::NOT_FOUND, "unknown_restaurant", "There is no restaurant of that name here.");
    let restaurant = door.commands.restaurant(&slug).await?.ok_or_else(unknown)?;
    let menu = door
        .commands
        .store
        .current_menu(restaurant)
        .await
        .map_err(crate::commands::Denied::from)?
        .ok_or_else(unknown)?;
    let gzip = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    let etag = format!("W/\"{}-{}\"", restaurant.0.simple(), menu.version);
    let same = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&etag));
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { encoded(&menu, gzip)? };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(|_| unknown())?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

fn encoded(menu: &Menu, gzip: bool) -> Result<Response, Failure> {
    let bug = |_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "The menu could not be written.");
    let json = serde_json::to_vec(menu).map_err(bug)?;
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if gzip {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        if encoder.write_all(&json).is_ok()
            && let Ok(packed) = encoder.finish()
        {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            *response.body_mut() = Body::from(packed);
            return Ok(response);
        }
    }
    *response.body_mut() = Body::from(json);
    Ok(response)
}
