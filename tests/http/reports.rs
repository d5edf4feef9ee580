//! How wrong the estimates were, as a manager reads it.

use super::house::{in_a_house, refused};
use crate::harness::server::BOTH;
use serde_json::{Value, json};

#[test]
fn a_manager_reads_how_far_promises_were_from_what_happened() {
    let leaves = ["order.placed", "order.bumped", "order.placed"];
    in_a_house(&BOTH, &leaves, async |house| {
        let get = |token: &str, query: &str| {
            let url = house.server.url(&format!("/api/reports/estimates{query}"));
            house.server.client.get(url).bearer_auth(token).send()
        };
        for who in [&house.guest, &house.waiter] {
            refused(get(&who.token, "").await.unwrap(), 403, "forbidden").await;
        }
        for days in ["0", "91", "many", "-1"] {
            let answer = get(&house.manager.token, &format!("?days={days}")).await.unwrap();
            assert!([400, 422].contains(&answer.status().as_u16()), "{days}");
        }
        let none: Value = get(&house.manager.token, "").await.unwrap().json().await.unwrap();
        assert_eq!((&none["orders"], &none["within_permille"]), (&json!(0), &json!(0)));

        let order = house.guest.order(&house.server.draft()).await;
        let bumped = house.cook.command("order.bump", json!({ "order": order["id"] })).await;
        assert_eq!(bumped["op"], "ok", "{bumped}");
        house.guest.order(&house.server.draft()).await;
        let told: Value = get(&house.manager.token, "?days=1").await.unwrap().json().await.unwrap();
        assert_eq!((&told["orders"], &told["early_permille"]), (&json!(1), &json!(1000)), "{told}");
        let missed = |name: &str| told[name].as_i64().is_some_and(|seconds| (300..1500).contains(&seconds));
        assert!(missed("error_seconds") && missed("menu_error_seconds"), "{told}");
    });
}
