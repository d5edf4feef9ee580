//! Requests that are no requests: not JSON, not well-formed, of the wrong type, far too much. Each gets its clear
//! answer, and the log of events says nothing of it.

use super::house::{House, in_a_house, refused, said};
use crate::harness::server::{BOTH, Kind};
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use uuid::Uuid;

/// Every call that takes a body, as somebody who may make it.
fn calls(house: &House) -> [RequestBuilder; 4] {
    [
        house.order(),
        house.post("/api/commands").bearer_auth(&house.cook.token),
        house.post("/api/seatings"),
        house.post("/api/auth/login"),
    ]
}

async fn json_text(call: RequestBuilder, text: impl Into<reqwest::Body>) -> Response {
    call.header(CONTENT_TYPE, "application/json").body(text).send().await.unwrap()
}

fn fields(problem: &Value) -> Vec<&str> {
    problem["fields"].as_array().expect("fields").iter().map(|field| field["field"].as_str().unwrap()).collect()
}

#[test]
fn what_is_not_well_formed_is_malformed() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let deep = "[".repeat(10_000);
        let deeper = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
        let texts: [&[u8]; 13] = [
            b"",
            b" ",
            b"{",
            b"{\"kind\":\"dine_in\",",
            b"kind=dine_in",
            b"{'kind':1}",
            b"\xff\xfe",
            b"\"\xc3\x28\"",
            b"\"\\ud800\"",
            b"\"\\udc00\\ud800\"",
            b"[1e400]",
            deep.as_bytes(),
            deeper.as_bytes(),
        ];
        for text in texts {
            for call in calls(house) {
                let answer = said(json_text(call, text.to_vec()).await).await;
                let shown = String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned();
                assert_eq!(answer, (400, "malformed".to_owned()), "{shown}");
            }
        }
        let two = format!("{} {{}}", house.server.draft());
        refused(json_text(house.order(), two).await, 400, "malformed").await;
    });
}

#[test]
fn numbers_texts_and_depths_that_json_cannot_hold_are_malformed_inside_a_good_order_too() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let item = house.server.fixture.fries().id;
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (quantity, note) in [
            ("1e400", "\"x\""),
            ("-1e400", "\"x\""),
            ("01", "\"x\""),
            ("1", "\"\\ud800\""),
            ("1", "\"a\\udfffb\""),
            ("1", "\"\\ud800\\u0041\""),
            ("1", "\"\u{0}\""),
            ("1", "\"line\nbreak\""),
            ("NaN", "\"x\""),
            ("1", &deep),
        ] {
            let text =
                format!(r#"{{"kind":"dine_in","lines":[{{"item":"{item}","quantity":{quantity},"note":{note}}}]}}"#);
            let answer = said(json_text(house.order(), text.clone()).await).await;
            assert_eq!(answer, (400, "malformed".to_owned()), "{text}");
        }
    });
}

#[test]
fn what_is_not_json_is_refused_by_its_name() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let draft = house.server.draft().to_string();
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "json",
            "",
            "application/jsonx",
        ] {
            for call in calls(house) {
                let answer = call.header(CONTENT_TYPE, kind).body(draft.clone()).send().await.unwrap();
                refused(answer, 415, "not_json").await;
            }
        }
        for call in calls(house) {
            refused(call.body(draft.clone()).send().await.unwrap(), 415, "not_json").await;
        }
    });
}

#[test]
fn fields_of_the_wrong_type_are_named() {
    in_a_house(&[Kind::Sqlite], &[], async |house: &House| {
        let good = house.server.draft();
        let with = |pointer: &str, value: Value| {
            let mut draft = good.clone();
            *draft.pointer_mut(pointer).expect("a field") = value;
            draft
        };
        for (draft, field) in [
            (json!([]), "body"),
            (json!("dine_in"), "body"),
            (json!({}), "body"),
            (with("/kind", json!("eat_in")), "kind"),
            (with("/kind", json!(1)), "kind"),
            (with("/lines", json!(null)), "lines"),
            (with("/lines", json!({})), "lines"),
            (with("/lines/0", json!("steak")), "lines[0]"),
            (with("/lines/0/item", json!("steak")), "lines[0].item"),
            (with("/lines/0/item", json!(1)), "lines[0].item"),
            (with("/lines/1/quantity", json!("2")), "lines[1].quantity"),
            (with("/lines/1/quantity", json!(1.5)), "lines[1].quantity"),
            (with("/lines/1/quantity", json!(1.0)), "lines[1].quantity"),
            (with("/lines/1/quantity", json!(u64::MAX)), "lines[1].quantity"),
            (with("/lines/1/quantity", json!(null)), "lines[1].quantity"),
            (with("/lines/0/options", json!("x")), "lines[0].options"),
            (with("/lines/0/options/0", json!(1)), "lines[0].options[0]"),
            (with("/lines/0/note", json!(["x"])), "lines[0].note"),
        ] {
            let said = refused(house.order().json(&draft).send().await.unwrap(), 422, "invalid").await;
            assert_eq!(fields(&said), [field], "{draft}");
        }
        let doubled = format!(r#"{{"kind":"dine_in","kind":"dine_in","lines":{}}}"#, good["lines"]);
        refused(json_text(house.order(), doubled).await, 422, "invalid").await;
        let long = json!({ "kind": "x".repeat(60_000), "lines": [] });
        let said = refused(house.order().json(&long).send().await.unwrap(), 422, "invalid").await;
        assert!(said.to_string().len() < 1_000, "what was sent is not sent back whole");
    });
}

#[test]
fn every_value_out_of_its_bounds_is_named_at_once() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let item = house.server.fixture.fries().id;
        let quantities = [0, -1, 100, i64::MAX, i64::MIN];
        let mut lines: Vec<Value> = quantities.iter().map(|n| json!({ "item": item, "quantity": n })).collect();
        lines.push(json!({ "item": item, "quantity": 1, "note": "x".repeat(501) }));
        lines.push(json!({ "item": item, "quantity": 1, "note": "a\0b" }));
        lines.push(json!({ "item": item, "quantity": 1, "options": vec![Uuid::nil(); 31] }));
        let draft = json!({
            "kind": "dine_in", "lines": lines, "note": "é".repeat(501), "allergy": "\0", "expected_total": -1,
            "contact": { "phone": "0600 111 222", "channel": "sms" },
        });
        let said = refused(house.order().json(&draft).send().await.unwrap(), 422, "invalid").await;
        let mut named = fields(&said);
        named.sort_unstable();
        let expected = [
            "allergy",
            "contact.phone",
            "expected_total",
            "lines[0].quantity",
            "lines[1].quantity",
            "lines[2].quantity",
            "lines[3].quantity",
            "lines[4].quantity",
            "lines[5].note",
            "lines[6].note",
            "lines[7].options",
            "note",
        ];
        assert_eq!(named, expected);

        let none = json!({ "kind": "dine_in", "lines": [] });
        let said = refused(house.order().json(&none).send().await.unwrap(), 422, "invalid").await;
        assert_eq!(fields(&said), ["lines"]);
        let many = json!({ "kind": "dine_in", "lines": vec![json!({ "item": item, "quantity": 1 }); 61] });
        let said = refused(house.order().json(&many).send().await.unwrap(), 422, "invalid").await;
        assert_eq!(fields(&said), ["lines"]);
        let large = json!({ "kind": "dine_in", "lines": vec![json!({ "item": item, "quantity": 1, "note": "n".repeat(500) }); 60] });
        refused(house.order().json(&large).send().await.unwrap(), 422, "invalid").await;
    });
}

#[test]
fn arguments_of_commands_are_bounded_too() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let order = Uuid::new_v4();
        let many = vec![Uuid::nil(); 33];
        for (name, args) in [
            ("order.cancel", json!({ "order": order, "reason": "\0" })),
            ("order.cancel", json!({ "order": order, "reason": "x".repeat(501) })),
            ("order.cancel", json!({ "order": "1" })),
            ("order.cancel", json!([])),
            ("order.cancel", json!(null)),
            ("order.bump", json!({ "order": order, "stations": many })),
            ("order.recall", json!({ "order": order, "lines": vec![Uuid::nil(); 61] })),
            ("order.recall", json!({ "order": order, "to": "never" })),
            ("order.rush", json!({ "order": order, "rush": 1 })),
            ("line.void", json!({ "order": order, "line": order, "reason": " \t" })),
            ("line.void", json!({ "order": order, "line": order })),
            ("item.set", json!({ "item": order, "available": true, "stock": -1 })),
            ("item.set", json!({ "item": order, "available": true, "stock": i64::MAX })),
            ("item.set", json!({ "item": order, "available": true, "stock": 1.5 })),
            ("seating.close", json!({ "seating": order, "force": "yes" })),
        ] {
            let said = house.manager.command(name, args.clone()).await;
            assert_eq!(
                (said["op"].as_str(), said["code"].as_str()),
                (Some("refused"), Some("invalid")),
                "{name} {args}: {said}"
            );
            assert!(!fields(&said).is_empty(), "{said}");
        }
        for name in ["", "order", "order.cancel ", "ORDER.CANCEL", "\0", "🍕", &"x".repeat(30_000)] {
            let said = house.manager.command(name, json!({})).await;
            assert_eq!(said["code"], "unknown_command", "{said}");
            assert!(said.to_string().len() < 500);
        }
        let nothing =
            house.manager.command_as(Uuid::new_v4(), "order.confirm", json!({ "order": order }), Some(i64::MIN)).await;
        assert_eq!(nothing["code"], "unknown_order");
    });
}

#[test]
fn a_body_that_is_too_large_is_refused_and_its_sender_hears_why() {
    in_a_house(&[Kind::Sqlite], &["order.placed"], async |house: &House| {
        for bytes in [65_537, 66_000, 500_000, 3_000_000] {
            for call in calls(house) {
                let answer = json_text(call, "x".repeat(bytes)).await;
                assert_eq!(answer.headers()["connection"], "close");
                refused(answer, 413, "too_large").await;
            }
        }
        let mut draft = house.server.draft().to_string();
        draft.push_str(&" ".repeat(65_536 - draft.len()));
        let answer = json_text(house.order(), draft).await;
        assert_eq!(answer.status(), 201, "the bound itself is no more than may be");
    });
}

#[test]
fn ids_that_name_nothing_are_unknown_or_not_found() {
    in_a_house(&BOTH, &[], async |house: &House| {
        for id in [Uuid::nil(), Uuid::max(), Uuid::new_v4()] {
            for person in [&house.guest, &house.cook] {
                refused(person.get(&format!("/api/orders/{id}")).await, 404, "unknown_order").await;
            }
            refused(house.guest.delete(&format!("/api/orders/{id}")).await, 404, "unknown_order").await;
            refused(house.waiter.delete(&format!("/api/orders/{id}?reason=x")).await, 404, "unknown_order").await;
        }
        for path in ["1", "x", "%00", "%F0%9F%8D%95", "00000000-0000-0000-0000-00000000000", "null", "*", "%ff"] {
            refused(house.guest.get(&format!("/api/orders/{path}")).await, 404, "not_found").await;
            refused(house.guest.delete(&format!("/api/orders/{path}")).await, 404, "not_found").await;
        }
    });
}
