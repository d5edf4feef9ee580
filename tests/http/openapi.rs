//! The OpenAPI document says what there is: every route, and nothing that is not there.

use super::house::with;
use super::schemas::Schemas;
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
            "DELETE /api/items/{id}/picture",
            "DELETE /api/notifications/{id}",
            "DELETE /api/orders/{id}",
            "DELETE /api/orders/{id}/contact",
            "DELETE /api/takeaway/token",
            "GET /api/docs",
            "GET /api/docs/{file}",
            "GET /api/feed",
            "GET /api/notifications",
            "GET /api/openapi.json",
            "GET /api/orders",
            "GET /api/orders/{id}",
            "GET /api/push",
            "GET /api/reports/estimates",
            "GET /api/restaurants/{slug}/menu",
            "GET /api/restaurants/{slug}/pictures/{id}/{width}",
            "GET /api/restaurants/{slug}/slots",
            "GET /api/screens",
            "GET /api/settings/messages",
            "GET /api/staff",
            "GET /api/seatings/{id}/pin",
            "GET /api/tables",
            "GET /api/trust",
            "GET /api/trust/comanda.crt",
            "GET /dev/mailbox",
            "GET /healthz",
            "GET /metrics",
            "GET /readyz",
            "POST /api/auth/login",
            "POST /api/auth/logout",
            "POST /api/auth/pair",
            "POST /api/auth/pair/collect",
            "POST /api/auth/refresh",
            "POST /api/commands",
            "POST /api/notifications/{id}/read",
            "POST /api/orders",
            "POST /api/restaurants/{slug}/codes",
            "POST /api/restaurants/{slug}/codes/{id}",
            "POST /api/screens",
            "POST /api/seatings",
            "POST /api/staff",
            "POST /api/staff/{user}/password",
            "POST /api/takeaway/token",
            "POST /hooks/twilio/inbound",
            "POST /hooks/twilio/status/{restaurant}/{id}",
            "PUT /api/items/{id}/picture",
            "PUT /api/orders/{id}/contact",
            "PUT /api/settings/messages",
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
                .replace("{restaurant}", "00000000-0000-0000-0000-000000000000")
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

/// Samples of what goes over HTTP, and the schema that describes them.
const SAMPLES: [(&str, &str); 36] = [
    ("http.order.request", "Draft"),
    ("http.order.takeaway", "GuestOrderAnswer"),
    ("http.slots", "SlotList"),
    ("http.slots.closed", "SlotList"),
    ("http.codes.request", "CodeRequest"),
    ("http.codes.asked", "CodeAsked"),
    ("http.codes.given", "CodeGiven"),
    ("http.takeaway.answer", "TakeawayGuest"),
    ("http.order.guest", "GuestOrderAnswer"),
    ("http.order.staff", "StaffOrderAnswer"),
    ("http.orders.guest", "OrderList"),
    ("http.orders.staff", "OrderList"),
    ("http.orders.staff.last", "OrderList"),
    ("http.seatings.request", "ScanRequest"),
    ("http.seatings.answer", "Scanned"),
    ("http.login.request", "LoginRequest"),
    ("http.login.answer", "LoggedIn"),
    ("http.pair.request", "PairRequest"),
    ("http.pair.answer", "PairingAsked"),
    ("http.collect.request", "CollectRequest"),
    ("http.collect.waits", "PairingWaits"),
    ("http.collect.answer", "LoggedIn"),
    ("http.screens.request", "ConfirmRequest"),
    ("http.screens.answer", "Screen"),
    ("http.screens.list", "ScreenList"),
    ("http.staff.request", "NewMember"),
    ("http.staff.answer", "StaffMember"),
    ("http.staff.list", "StaffList"),
    ("http.password.request", "NewPassword"),
    ("http.commands.request", "CommandMessage"),
    ("http.commands.answer", "BatchAnswer"),
    ("http.feed.answer", "FeedAnswer"),
    ("http.menu", "Menu"),
    ("http.health", "Health"),
    ("http.ready.degraded", "Health"),
    ("problem.", "Problem"),
];

#[test]
fn every_sample_is_as_its_schema_says() {
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let schemas = Schemas(&document);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let mut read = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let json = path.extension().is_some_and(|extension| extension == "json");
            if !json || !(name.starts_with("http.") || name.starts_with("problem.")) {
                continue;
            }
            let fits =
                |(sample, _): &&(&str, &str)| *sample == name || (sample.ends_with('.') && name.starts_with(sample));
            let (_, schema) = SAMPLES.iter().find(fits).unwrap_or_else(|| panic!("no schema is named for {name}"));
            let schema = &document["components"]["schemas"][*schema];
            assert!(schema.is_object(), "{name}");
            let sample: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let many = sample.as_array().cloned().unwrap_or_else(|| vec![sample]);
            for one in many {
                assert_eq!(schemas.complaint(&name, &one, schema), None);
                let known = schemas.fields(schema).expect("named fields");
                for field in one.as_object().unwrap().keys() {
                    assert!(known.contains(field), "{name}.{field} is not documented");
                }
            }
            read += 1;
        }
        assert!(read >= SAMPLES.len(), "{read}");
        // It does find what is wrong.
        let login = &document["components"]["schemas"]["LoggedIn"];
        for (wrong, complaint) in
            [(serde_json::json!([]), "LoggedIn is no [\"object\"]"), (serde_json::json!({}), "is not there")]
        {
            assert!(schemas.complaint("LoggedIn", &wrong, login).unwrap().contains(complaint), "{wrong}");
        }
        server.stop().await;
    });
}

/// An object without named fields says nothing. Only a command's arguments are whatever its name asks for.
#[test]
fn no_schema_is_a_bare_object() {
    fn bare(at: &str, schema: &Value, found: &mut BTreeSet<String>) {
        let Some(fields) = schema.as_object() else { return };
        let shaped = ["properties", "additionalProperties", "oneOf", "anyOf", "allOf", "$ref"];
        if schema["type"] == "object" && !shaped.iter().any(|word| fields.contains_key(*word)) {
            found.insert(at.to_owned());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            bare(&format!("{at}.{name}"), field, found);
        }
        for word in ["items", "additionalProperties"] {
            bare(&format!("{at}[]"), &schema[word], found);
        }
        for word in ["oneOf", "anyOf", "allOf"] {
            schema[word].as_array().into_iter().flatten().for_each(|part| bare(at, part, found));
        }
    }
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let mut found = BTreeSet::new();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            bare(name, schema, &mut found);
        }
        assert_eq!(found, BTreeSet::from(["CommandMessage.args".to_owned()]));
        server.stop().await;
    });
}

#[test]
fn closed_sets_of_words_are_told_whole() {
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let words = |schema: &str| -> Vec<String> {
            let words = document["components"]["schemas"][schema]["enum"].as_array().expect(schema);
            words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let codes: Vec<_> = comanda::domain::refusal::Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(words("Code"), names(&codes));
        let kinds: Vec<_> = comanda::domain::event::Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(words("Kind"), names(&kinds));
        assert_eq!(words("Role"), names(&["kitchen", "waiter", "manager", "admin"]));
        let command = document["components"]["schemas"]["Command"].to_string();
        for name in comanda::domain::command::WIRE_NAMES {
            assert!(command.contains(&format!("\"{name}\"")), "{name}");
        }
        server.stop().await;
    });
}

#[test]
fn every_tag_is_described_and_used() {
    run(async {
        let server = with("").await;
        let document = document(&server).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let described: BTreeSet<String> =
            document["tags"].as_array().unwrap().iter().map(|tag| text(&tag["name"])).collect();
        assert!(document["tags"].as_array().unwrap().iter().all(|tag| !text(&tag["description"]).is_empty()));
        let used: BTreeSet<String> = operations(&document).iter().map(|(_, _, call)| text(&call["tags"][0])).collect();
        assert_eq!(described, used);
        server.stop().await;
    });
}
