//! The OpenAPI document says what there is: every route, and nothing that is not there.

use super::house::with;
use crate::harness::run;
use crate::harness::server::{Kind, TestServer};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

async fn document(server: &TestServer) -> Value {
    let answer = server.client.get(server.url("/api/openapi.json")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    answer.json().await.unwrap()
}

/// Every `{"$ref": …}` in a document.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(method, operation)| (path.clone(), method.clone(), operation))
    });
    all.collect()
}

#[test]
fn the_document_names_every_call_of_the_design() {
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let said: BTreeSet<String> =
            operations(&document).iter().map(|(path, method, _)| format!("{} {path}", method.to_uppercase())).collect();
        let expected = [
            "DELETE /api/orders/{id}",
            "GET /api/docs",
            "GET /api/docs/{file}",
            "GET /api/feed",
            "GET /api/openapi.json",
            "GET /api/orders",
            "GET /api/orders/{id}",
            "GET /api/restaurants/{slug}/menu",
            "GET /api/screens",
            "GET /api/staff",
            "GET /api/seatings/{id}/pin",
            "GET /api/tables",
            "GET /healthz",
            "GET /metrics",
            "GET /readyz",
            "POST /api/auth/login",
            "POST /api/auth/logout",
            "POST /api/auth/pair",
            "POST /api/auth/pair/collect",
            "POST /api/auth/refresh",
            "POST /api/commands",
            "POST /api/orders",
            "POST /api/screens",
            "POST /api/seatings",
            "POST /api/staff",
            "POST /api/staff/{user}/password",
        ];
        assert_eq!(said, expected.map(str::to_owned).into());
        server.stop().await;
    });
}

/// A route that `routes!` does not make is in no document.
#[test]
fn no_route_is_made_beside_the_document() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources =
        files.chain([Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http.rs")]).filter(|path| path.is_file());
    let mut read = 0;
    for path in sources {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        assert!(!code.contains(".route(") && !code.contains(".route_service("), "{}", path.display());
        read += 1;
    }
    assert!(read > 10);
}

#[test]
fn every_call_is_answered_as_documented() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let document = document(&server).await;
        for (path, method, operation) in operations(&document) {
            let asked = path
                .replace("{id}", "00000000-0000-0000-0000-000000000000")
                .replace("{user}", "00000000-0000-0000-0000-000000000000")
                .replace("{slug}", "olive")
                .replace("{file}", "page.css");
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let mut request = server.client.request(verb, server.url(&asked));
            if operation.get("requestBody").is_some() {
                request = request.json(&serde_json::json!({}));
            }
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let documented = operation["responses"].as_object().unwrap();
            // What any call with a body or a token may be answered.
            let common = [400, 401, 422].contains(&status);
            assert!(documented.contains_key(&status.to_string()) || common, "{method} {path}: {status}");
            assert_ne!(status, 405, "{method} {path}");
            let bearer = operation.get("security").is_some_and(|s| *s == serde_json::json!([{ "bearer": [] }]));
            if bearer {
                assert_eq!(status, 401, "{method} {path} is said to take a token");
            }
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
        }
        server.stop().await;
    });
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').expect("inside of the document");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
        assert_eq!(document["openapi"].as_str().map(|v| &v[..3]), Some("3.1"));
        for name in ["Draft", "GuestOrder", "Order", "Problem", "CommandMessage", "BatchAnswer", "FeedAnswer", "Menu"] {
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
        server.stop().await;
    });
}

#[test]
fn the_page_to_read_it_by_needs_no_other_host() {
    run(async {
        let server = with("").await;
        let get = async |path: &str| server.client.get(server.url(path)).send().await.unwrap();
        let page = get("/api/docs").await;
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let page = page.text().await.unwrap();
        assert!(
            !page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="),
            "the policy forbids it"
        );
        assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/api/docs/").count());
        for (file, kind) in [("page.css", "text/css"), ("page.js", "text/javascript")] {
            let path = format!("/api/docs/{file}");
            assert!(page.contains(&format!("\"{path}\"")));
            let answer = get(&path).await;
            assert_eq!(answer.headers()["content-type"], format!("{kind}; charset=utf-8"));
            let text = answer.text().await.unwrap();
            assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"), "{file}");
            assert!(!text.contains("innerHTML") && !text.contains("@import"), "{file}");
        }
        assert!(!page.contains("http://") && !page.contains("https://"));
        assert_eq!(get("/api/docs/page.rs").await.status(), 404);
        server.stop().await;
    });
}
