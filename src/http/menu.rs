//! The menu, whole: written and compressed once per version, and shared by all who read it.

use super::Shared;
use super::negotiation::{holds, takes};
use super::problems::Failure;
use crate::domain::ids::RestaurantId;
use crate::domain::menu::Menu;
use crate::identity::secrets;
use crate::protocol::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// Menus kept as they go over the wire; beyond it some other one goes.
const PACKED_MENUS: usize = 512;

/// The newest menu of each restaurant as it goes over the wire.
#[derive(Default)]
pub struct PackedMenus(Mutex<HashMap<RestaurantId, Arc<Packed>>>);

struct Packed {
    menu: Arc<Menu>,
    bytes: OnceLock<Encodings>,
}

struct Encodings {
    /// From the text, not from the version alone: a restored database counts versions again.
    tag: String,
    plain: Bytes,
    gzip: Option<Bytes>,
}

impl PackedMenus {
    fn of(&self, menu: Arc<Menu>) -> Arc<Packed> {
        let mut all = self.0.lock();
        let restaurant = menu.restaurant.id;
        if let Some(packed) = all.get(&restaurant).filter(|packed| Arc::ptr_eq(&packed.menu, &menu)) {
            return Arc::clone(packed);
        }
        if all.len() >= PACKED_MENUS
            && let Some(other) = all.keys().next().copied()
        {
            all.remove(&other);
        }
        let packed = Arc::new(Packed { menu, bytes: OnceLock::new() });
        all.insert(restaurant, Arc::clone(&packed));
        packed
    }
}

impl Packed {
    /// Whoever comes first writes; the others wait a millisecond for it.
    fn bytes(&self) -> &Encodings {
        self.bytes.get_or_init(|| {
            let text = serde_json::to_string(&*self.menu).unwrap_or_default();
            let hash: String = secrets::digest(&text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
            let tag = format!("W/\"{}-{hash}\"", self.menu.version);
            Encodings { tag, gzip: gzip(text.as_bytes()), plain: text.into() }
        })
    }
}

fn gzip(text: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(text).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Read a restaurant's menu
///
/// `ETag` changes with the menu; `If-None-Match` saves the body.
#[utoipa::path(get, path = "/api/restaurants/{slug}/menu", tag = "menu", params(("slug" = String, Path, description = "The restaurant")),
    responses((status = 200, description = "The menu", body = Menu), (status = 304, description = "Not changed"),
        (status = 404, description = "`unknown_restaurant`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn menu(
    door: Shared,
    slug: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Path(slug) = slug?;
    let unknown =
        || Failure::new(StatusCode::NOT_FOUND, "unknown_restaurant", "There is no restaurant of that name here.");
    let restaurant = door.commands.restaurant(&slug).await?.ok_or_else(unknown)?;
    let menu = door.commands.store.current_menu(restaurant).await.map_err(crate::commands::Denied::from)?;
    let packed = door.menus.of(menu.ok_or_else(unknown)?);
    Ok(answer(packed.bytes(), &headers))
}

fn answer(bytes: &Encodings, asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&bytes.tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if holds(asked, &bytes.tag) {
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let packed = bytes.gzip.as_ref().filter(|_| takes(asked, "gzip"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.status_mut() = StatusCode::OK;
    *response.body_mut() = Body::from(packed.unwrap_or(&bytes.plain).clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Arc<Menu> {
        let restaurant = serde_json::json!({ "id": uuid::Uuid::nil(), "slug": "s", "name": "s", "timezone": "UTC",
            "currency": "EUR", "locales": [], "settings": {} });
        let menu = serde_json::json!({ "version": 7, "restaurant": restaurant, "stations": [], "categories": [] });
        Arc::new(serde_json::from_value(menu).unwrap())
    }

    #[test]
    fn a_menu_is_written_once_for_all_who_read_it() {
        let (menus, menu) = (PackedMenus::default(), menu());
        let first = menus.of(Arc::clone(&menu));
        let second = menus.of(Arc::clone(&menu));
        assert_eq!(first.bytes().plain.as_ptr(), second.bytes().plain.as_ptr());
        let gzip = |packed: &Packed| packed.bytes().gzip.as_ref().map(|bytes| bytes.as_ptr());
        assert_eq!(gzip(&first), gzip(&second));
    }

    #[test]
    fn a_menu_that_was_read_anew_is_written_anew_even_at_the_same_version() {
        let menus = PackedMenus::default();
        let old = menus.of(menu());
        let mut restored = Menu::clone(&menu());
        restored.restaurant.name = "restored".to_owned();
        let new = menus.of(Arc::new(restored));
        assert_ne!(old.bytes().tag, new.bytes().tag);
        assert_eq!(menus.0.lock().len(), 1, "one menu for each restaurant");
    }
}
