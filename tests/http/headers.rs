//! What every answer carries, whatever it is: security headers, the request's id, who may keep it.

use super::house::{refused, with};
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;

const EVERYWHERE: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ("cross-origin-opener-policy", "same-origin"),
];

fn check(what: &str, answer: &Response) {
    let headers = answer.headers();
    for (name, value) in EVERYWHERE {
        assert_eq!(headers.get(name).map(|v| v.to_str().unwrap()), Some(value), "{name} of {what}");
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    for rule in
        ["default-src 'self'", "script-src 'self';", "style-src 'self';", "object-src 'none'", "frame-ancestors 'none'"]
    {
        assert!(policy.contains(rule), "{rule} in the policy of {what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(headers.contains_key("cache-control"), "{what} says who may keep it");
    assert_eq!(headers["x-request-id"].len(), 32, "{what}");
}

#[test]
fn every_kind_of_answer_has_the_security_headers() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let guest = server.guest(0).await;
        let asset = super::pages::an_asset();
        let requests = [
            (Method::GET, "/", 200),
            (Method::GET, "/t/whatever", 200),
            (Method::GET, asset.as_str(), 200),
            (Method::GET, "/assets/none.js", 404),
            (Method::GET, "/healthz", 200),
            (Method::GET, "/readyz", 200),
            (Method::GET, "/metrics", 200),
            (Method::GET, "/api/openapi.json", 200),
            (Method::GET, "/api/docs", 200),
            (Method::GET, "/api/docs/page.js", 200),
            (Method::GET, "/api/orders", 200),
            (Method::GET, "/api/restaurants/olive/menu", 200),
            (Method::GET, "/api/restaurants/none/menu", 404),
            (Method::GET, "/api/nothing", 404),
            (Method::GET, "/hooks/nothing", 404),
            (Method::GET, "/api/feed", 422),
            (Method::PUT, "/api/orders", 405),
            (Method::POST, "/", 405),
            (Method::POST, "/api/orders", 400),
            (Method::GET, "/ws/olive", 426),
            (Method::POST, "/ws/olive", 405),
            (Method::HEAD, "/", 200),
            (Method::HEAD, "/api/orders", 200),
            (Method::OPTIONS, "/api/orders", 405),
        ];
        let mut ids = BTreeSet::new();
        for (method, path, status) in requests {
            let request = server.client.request(method.clone(), server.url(path)).bearer_auth(&guest.token);
            let answer = request.send().await.unwrap();
            let what = format!("{method} {path}");
            assert_eq!(answer.status().as_u16(), status, "{what}");
            check(&what, &answer);
            assert!(ids.insert(answer.headers()["x-request-id"].clone()), "each request has its own id");
        }
        server.stop().await;
    });
}

#[test]
fn a_wrong_method_is_told_which_are_right() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        for (method, path, allowed) in [
            (Method::PUT, "/api/orders", ["GET", "HEAD", "POST"].as_slice()),
            (Method::PATCH, "/api/orders/00000000-0000-0000-0000-000000000000", &["DELETE", "GET", "HEAD"]),
            (Method::GET, "/api/commands", &["POST"]),
            (Method::GET, "/api/auth/login", &["POST"]),
            (Method::DELETE, "/api/feed", &["GET", "HEAD"]),
            (Method::POST, "/healthz", &["GET", "HEAD"]),
            (Method::DELETE, "/", &["GET", "HEAD"]),
            (Method::from_bytes(b"BREW").unwrap(), "/api/tables", &["GET", "HEAD"]),
            (Method::TRACE, "/api/tables", &["GET", "HEAD"]),
        ] {
            let answer = server.client.request(method.clone(), server.url(path)).send().await.unwrap();
            let allow = answer.headers()["allow"].to_str().unwrap().to_owned();
            let mut said: Vec<&str> = allow.split(',').map(str::trim).collect();
            said.sort_unstable();
            assert_eq!(said, allowed, "{method} {path}");
            refused(answer, 405, "wrong_method").await;
        }
        server.stop().await;
    });
}

#[test]
fn a_head_is_a_get_without_its_body() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let plain = reqwest::Client::builder().no_gzip().build().unwrap();
        for path in
            ["/", "/healthz", "/api/openapi.json", "/api/restaurants/olive/menu", "/api/orders", "/assets/none.js"]
        {
            let get = plain.get(server.url(path)).send().await.unwrap();
            let head = plain.head(server.url(path)).send().await.unwrap();
            assert_eq!(head.status(), get.status(), "{path}");
            for name in ["content-type", "etag", "cache-control", "www-authenticate"] {
                assert_eq!(head.headers().get(name), get.headers().get(name), "{name} of {path}");
            }
            assert_eq!(head.text().await.unwrap(), "");
        }
        server.stop().await;
    });
}

#[test]
fn pages_of_listed_origins_may_call_and_no_others() {
    run(async {
        let server = with("server.allowed_origins = [\"https://pos.example.com\"]").await;
        let guest = server.guest(0).await;
        let from = |origin: &'static str| {
            server.client.get(server.url("/api/orders")).bearer_auth(&guest.token).header("origin", origin)
        };
        let answer = from("https://pos.example.com").send().await.unwrap();
        assert_eq!(answer.headers()["access-control-allow-origin"], "https://pos.example.com");
        assert!(answer.headers().get("access-control-allow-credentials").is_none(), "cookies stay at home");
        let answer = from("https://evil.example").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "the token is the authority");
        assert!(answer.headers().get("access-control-allow-origin").is_none(), "its page cannot read it");

        let preflight = server.client.request(Method::OPTIONS, server.url("/api/orders"));
        let preflight = preflight
            .header("origin", "https://pos.example.com")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key");
        let answer = preflight.send().await.unwrap();
        assert!(answer.status().is_success());
        let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(
            ["authorization", "content-type", "idempotency-key"].iter().all(|name| allowed.contains(name)),
            "{allowed}"
        );
        let login = server.client.post(server.url("/api/auth/login")).header("origin", "https://pos.example.com");
        refused(login.json(&json!({ "email": "", "password": "" })).send().await.unwrap(), 403, "cross_origin").await;
        server.stop().await;
    });
}
