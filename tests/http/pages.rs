//! The web app inside the binary: its files as they were packed, and one page for every route of it.

use super::house::{raw_get, refused, story};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, TestServer};
use comanda::domain::people::Role;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use serde_json::Value;

/// Some script of the app that is large enough to be packed.
pub fn an_asset() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/kds-web/dist/assets");
    let names = std::fs::read_dir(folder).expect("the pages are built").map(|entry| entry.unwrap().file_name());
    let script = names.filter_map(|name| name.into_string().unwrap().strip_suffix(".js.br").map(str::to_owned)).next();
    format!("/assets/{}.js", script.expect("a packed script"))
}

async fn get(server: &TestServer, path: &str, headers: &[(reqwest::header::HeaderName, &str)]) -> Response {
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    let mut get = plain.get(server.url(path));
    for (name, value) in headers {
        get = get.header(name, *value);
    }
    get.send().await.unwrap()
}

#[test]
fn every_route_of_the_app_is_its_page() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let page = get(&server, "/", &[]).await;
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers()["cache-control"], "no-cache");
        let page = page.text().await.unwrap();
        assert!(page.contains("<script") && !page.contains("http://") && !page.contains("https://"), "{page}");
        for path in ["/t/abc", "/olive", "/olive/kitchen", "/any/depth/at/all", "/api", "/?x=1"] {
            let answer = get(&server, path, &[]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert_eq!(answer.text().await.unwrap(), page, "{path}");
        }
        server.stop().await;
    });
}

#[test]
fn a_missing_file_is_no_page() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        for path in [
            "/assets/none.js",
            "/assets/",
            "/favicon.ico",
            "/sw.js",
            "/robots.txt",
            "/.env",
            "/.git/config",
            "/.gitignore",
            "/index.html.br",
            "/wp-login.php",
        ] {
            refused(get(&server, path, &[]).await, 404, "not_found").await;
        }
        server.stop().await;
    });
}

#[test]
fn files_come_packed_as_the_client_takes_them_and_once() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let asset = an_asset();
        let plain = get(&server, &asset, &[]).await;
        assert_eq!(plain.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(plain.headers()["content-type"], "text/javascript; charset=utf-8");
        assert!(plain.headers().get("content-encoding").is_none());
        let size = plain.bytes().await.unwrap().len();
        for path in [asset.as_str(), "/", "/t/abc"] {
            for (takes, encoding) in
                [("br, gzip", Some("br")), ("gzip", Some("gzip")), ("br;q=0, gzip;q=0.5", Some("gzip")), ("zstd", None)]
            {
                let packed = get(&server, path, &[(ACCEPT_ENCODING, takes)]).await;
                let said = packed.headers().get("content-encoding").map(|v| v.to_str().unwrap());
                assert_eq!((packed.status(), said), (StatusCode::OK, encoding), "{path} for {takes}");
                assert_eq!(packed.headers()["vary"], "accept-encoding");
                let tag = packed.headers()["etag"].to_str().unwrap().to_owned();
                let again = get(&server, path, &[(ACCEPT_ENCODING, takes), (IF_NONE_MATCH, &tag)]).await;
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
                assert_eq!(again.headers()["etag"], tag.as_str());
                assert_eq!(again.text().await.unwrap(), "");
                let other = get(&server, path, &[(ACCEPT_ENCODING, "identity"), (IF_NONE_MATCH, &tag)]).await;
                assert_eq!(other.status() == StatusCode::NOT_MODIFIED, encoding.is_none(), "forms have their own tags");
            }
        }
        let packed = get(&server, &asset, &[(ACCEPT_ENCODING, "br")]).await;
        assert!(packed.bytes().await.unwrap().len() < size);
        server.stop().await;
    });
}

#[test]
fn opening_a_tables_link_changes_nothing() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let waiter = server.staff(Role::Waiter).await;
            let link = format!("/t/{}", server.code(&server.fixture, 0));
            for _ in 0..3 {
                assert_eq!(get(&server, &link, &[]).await.status(), StatusCode::OK);
            }
            assert_eq!(server.client.head(server.url(&link)).send().await.unwrap().status(), StatusCode::OK);
            let floor: Value = waiter.get("/api/feed?topic=floor").await.json().await.unwrap();
            assert_eq!(floor["subscribed"][0]["snapshot"]["seatings"], serde_json::json!([]));
            assert_eq!(story(&server, &server.fixture).await, [""; 0]);
            let links: Value = waiter.get("/api/tables").await.json().await.unwrap();
            assert!(links[0]["link"].as_str().unwrap().ends_with(&link), "it is the printed link: {}", links[0]);
            server.stop().await;
        });
    }
}

#[test]
fn no_path_leads_out_of_the_app() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let page = get(&server, "/", &[]).await.text().await.unwrap();
        for path in [
            "/../Cargo.toml",
            "/../../../../../etc/passwd",
            "/assets/../../package.json",
            "/%2e%2e/package.json",
            "/%2e%2e%2fpackage.json",
            "/..%2f..%2fCargo.toml",
            "/assets/..%5c..%5cCargo.toml",
            "/t/%00",
            "/t/..",
            "/t/%c0%ae%c0%ae/",
            "//etc/passwd",
            "//evil.example/",
            "/;/index",
            "/%",
            "/t/\u{7f}",
        ] {
            let answer = raw_get(&server, path).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
            let is_page = head.starts_with("HTTP/1.1 200") && body.contains(page.as_str());
            let is_refused = head.starts_with("HTTP/1.1 404") || head.starts_with("HTTP/1.1 400");
            assert!(is_page || is_refused, "{path}: {answer}");
            assert!(!answer.contains("[package]") && !answer.contains("root:") && !answer.contains("devDependencies"));
            assert!(!head.to_ascii_lowercase().contains("location:"), "{path} redirects: {head}");
        }
        for path in [
            "//api/orders",
            "/api/../api/orders",
            "/api/orders/",
            "/api//orders",
            "/api/%6frders/..",
            "/api/orders/%00",
        ] {
            let answer = raw_get(&server, path).await;
            let refused = ["HTTP/1.1 404", "HTTP/1.1 401"].iter().any(|status| answer.starts_with(status));
            assert!(refused && answer.contains("application/problem+json"), "{path}: {answer}");
        }
        server.stop().await;
    });
}
