//! The PIN of a seating: staff read it, the party gives it, and nobody else learns it.

use super::house::with;
use crate::harness::restaurant::{self, fixture};
use crate::harness::run;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn staff_tell_a_party_its_pin_and_with_it_the_phone_orders() {
    run(async {
        let server = with("").await;
        let guarded = fixture("guarded", GateRule::Pin);
        restaurant::create(&server.app().commands.store, &guarded).await;
        let guest = server.guest_of(&guarded, 0).await;
        let seating = guest.seating.expect("a seating");
        let path = format!("/api/seatings/{seating}/pin");
        let waiter = server.staff_of(&guarded, Role::Waiter).await;

        let code = async |answer: reqwest::Response| (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        for person in [&guest, &server.staff_of(&guarded, Role::Kitchen).await] {
            let (status, problem) = code(person.get(&path).await).await;
            assert_eq!((status, problem["code"].as_str()), (403, Some("forbidden")));
            assert!(problem.get("pin").is_none());
        }
        let (status, problem) = code(server.staff(Role::Admin).await.get(&path).await).await;
        assert_eq!((status, problem["code"].as_str()), (404, Some("unknown_seating")), "another restaurant's");
        let (status, _) = code(waiter.get(&format!("/api/seatings/{}/pin", Uuid::new_v4())).await).await;
        assert_eq!(status, 404);

        let (status, told) = code(waiter.get(&path).await).await;
        let pin = told["pin"].as_str().expect("a PIN").to_owned();
        assert_eq!((status, pin.len()), (200, 4));
        assert_eq!(guest.command("seating.pin", json!({ "pin": pin })).await["op"], "ok");
        let order = guest.order(&restaurant_draft(&guarded)).await;
        assert_eq!(order["held"], false);

        let closed = waiter.command("seating.close", json!({ "seating": seating, "force": true })).await;
        assert_eq!(closed["op"], "ok", "{closed}");
        let (status, problem) = code(waiter.get(&path).await).await;
        assert_eq!((status, problem["code"].as_str()), (410, Some("seating_closed")));
        server.stop().await;
    });
}

fn restaurant_draft(fixture: &restaurant::Fixture) -> Value {
    json!({ "kind": "dine_in", "lines": [{ "item": fixture.fries().id, "quantity": 1 }] })
}
