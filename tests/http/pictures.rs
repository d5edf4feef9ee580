//! Pictures of dishes over HTTP: who may give one, what becomes of it, who can see it, and what is no picture.

use super::house::{in_a_house, refused};
use crate::harness::server::{BOTH, Kind};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use std::io::Cursor;

/// A picture as a phone sends it.
fn photo(format: image::ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(500, 400, |x, y| image::Rgb([(x / 2) as u8, (y / 2) as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn a_manager_gives_a_dish_a_picture_and_every_phone_sees_it() {
    in_a_house(&BOTH, &["item.changed", "item.changed", "item.changed"], async |house| {
        let (server, item) = (&house.server, house.server.fixture.steak().id);
        let path = format!("/api/items/{item}/picture");
        let put = async |token: &str, bytes: Vec<u8>| -> Response {
            server.client.put(server.url(&path)).bearer_auth(token).body(bytes).send().await.unwrap()
        };
        let menu = async || -> Value {
            server.client.get(server.url("/api/restaurants/olive/menu")).send().await.unwrap().json().await.unwrap()
        };
        for who in [&house.guest, &house.cook, &house.waiter] {
            refused(put(&who.token, photo(image::ImageFormat::Png)).await, 403, "forbidden").await;
        }
        let named = put(&house.manager.token, photo(image::ImageFormat::Png)).await;
        assert_eq!(named.status(), StatusCode::OK);
        let named: Value = named.json().await.unwrap();
        assert_eq!(named["widths"], serde_json::json!([160, 480, 500]));
        assert_eq!(menu().await["categories"][0]["items"][0]["picture"], named);
        let again: Value = put(&house.manager.token, photo(image::ImageFormat::Png)).await.json().await.unwrap();
        assert_eq!(again, named, "the same picture, and nothing happened");

        let address = |slug: &str, width: u16| {
            server.url(&format!("/api/restaurants/{slug}/pictures/{}/{width}", named["id"].as_str().unwrap()))
        };
        for width in [160, 480, 500] {
            let got = server.client.get(address("olive", width)).send().await.unwrap();
            let headers = got.headers().clone();
            assert_eq!(headers["content-type"], "image/jpeg");
            assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
            let bytes = got.bytes().await.unwrap();
            let picture = image::load_from_memory(&bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (u32::from(width), u32::from(width) * 4 / 5));
        }
        for address in [address("rival", 160), address("olive", 161)] {
            let got = server.client.get(address).send().await.unwrap();
            refused(got, 404, "unknown_picture").await;
        }

        let other: Value = put(&house.manager.token, photo(image::ImageFormat::Jpeg)).await.json().await.unwrap();
        assert_ne!(other["id"], named["id"], "another picture has another address");
        let gone = server.client.delete(server.url(&path)).bearer_auth(&house.manager.token).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        assert_eq!(menu().await["categories"][0]["items"][0].get("picture"), None);
        let kept = server.client.get(address("olive", 160)).send().await.unwrap();
        assert_eq!(kept.status(), StatusCode::OK, "phones with an older menu still see it");
    });
}

#[test]
fn what_is_no_picture_is_said_and_changes_nothing() {
    in_a_house(&[Kind::Sqlite], &[], async |house| {
        let (server, item) = (&house.server, house.server.fixture.steak().id);
        let put = async |item: String, bytes: Vec<u8>| -> Response {
            let url = server.url(&format!("/api/items/{item}/picture"));
            server.client.put(url).bearer_auth(&house.manager.token).body(bytes).send().await.unwrap()
        };
        let whole = photo(image::ImageFormat::Png);
        let foreign = house.rival.steak().id;
        refused(put(foreign.to_string(), whole.clone()).await, 404, "unknown_item").await;
        refused(put(item.to_string(), b"<svg/>".to_vec()).await, 415, "not_a_picture").await;
        refused(put(item.to_string(), Vec::new()).await, 415, "not_a_picture").await;
        refused(put(item.to_string(), whole[..whole.len() / 2].to_vec()).await, 422, "broken_picture").await;
        refused(put(item.to_string(), vec![0; 10 * 1024 * 1024 + 1]).await, 413, "too_large").await;
    });
}
