//! The menu over HTTP: tagged, compressed, and new as soon as it changes.

use super::house::refused;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer, client};
use comanda::domain::people::Role;
use flate2::read::GzDecoder;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::io::Read;

/// A client that does not unpack by itself.
async fn get(server: &TestServer, headers: &[(reqwest::header::HeaderName, &str)]) -> Response {
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    let mut get = plain.get(server.url("/api/restaurants/olive/menu"));
    for (name, value) in headers {
        get = get.header(name, *value);
    }
    get.send().await.unwrap()
}

#[test]
fn a_menu_that_is_held_is_not_sent_again_until_it_changes() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let cook = server.staff(Role::Kitchen).await;
            let first = get(&server, &[]).await;
            assert_eq!(
                (first.status(), &first.headers()["cache-control"]),
                (StatusCode::OK, &"no-cache".parse().unwrap())
            );
            let tag = first.headers()["etag"].to_str().unwrap().to_owned();
            let menu: Value = first.json().await.unwrap();
            assert_eq!(menu["categories"][0]["items"][1]["available"], true);
            let bare = tag.strip_prefix("W/").unwrap();
            for held in [tag.as_str(), bare, &format!("\"x\", {tag}"), "*"] {
                let same = get(&server, &[(IF_NONE_MATCH, held)]).await;
                assert_eq!((same.status(), &same.headers()["etag"]), (StatusCode::NOT_MODIFIED, &tag.parse().unwrap()));
                assert_eq!(same.text().await.unwrap(), "");
            }
            assert_eq!(get(&server, &[(IF_NONE_MATCH, "\"x\"")]).await.status(), StatusCode::OK);

            let item = server.fixture.fries().id;
            let ok = cook.command("item.set", json!({ "item": item, "available": false })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            let new = get(&server, &[(IF_NONE_MATCH, &tag)]).await;
            assert_eq!(new.status(), StatusCode::OK);
            assert_ne!(new.headers()["etag"], tag.as_str());
            let menu: Value = new.json().await.unwrap();
            assert_eq!(menu["categories"][0]["items"][1]["available"], false);
            server.stop().await;
        });
    }
}

#[test]
fn a_menu_is_compressed_for_who_takes_it() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let plain = get(&server, &[]).await;
        assert!(plain.headers().get("content-encoding").is_none());
        assert_eq!(plain.headers()["vary"], "accept-encoding");
        let text = plain.text().await.unwrap();
        for takes in ["gzip", "br, GZIP;q=0.2", "*"] {
            let packed = get(&server, &[(ACCEPT_ENCODING, takes)]).await;
            assert_eq!(packed.headers()["content-encoding"], "gzip", "{takes}");
            assert_eq!(packed.headers()["content-type"], "application/json");
            let bytes = packed.bytes().await.unwrap();
            assert!(bytes.len() * 2 < text.len(), "{} of {} bytes", bytes.len(), text.len());
            let mut unpacked = String::new();
            GzDecoder::new(&bytes[..]).read_to_string(&mut unpacked).unwrap();
            assert_eq!(unpacked, text);
        }
        for refuses in ["gzip;q=0", "br", "identity"] {
            let plain = get(&server, &[(ACCEPT_ENCODING, refuses)]).await;
            assert!(plain.headers().get("content-encoding").is_none(), "{refuses}");
        }
        server.stop().await;
    });
}

#[test]
fn there_is_no_menu_of_an_unknown_restaurant() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            for slug in ["nowhere", "OLIVE", "olive%00", "%00", "%F0%9F%8D%95", "..%2Folive", "'%20or%201=1"] {
                let answer = client().get(server.url(&format!("/api/restaurants/{slug}/menu"))).send().await.unwrap();
                refused(answer, 404, "unknown_restaurant").await;
            }
            for slug in ["%ff", "olive/"] {
                let answer = client().get(server.url(&format!("/api/restaurants/{slug}/menu"))).send().await.unwrap();
                refused(answer, 404, "not_found").await;
            }
            server.stop().await;
        });
    }
}
