//! The main job, end to end, on both databases: an order placed on a phone is on the kitchen's screen, a
//! tap in the kitchen is on the phone.

mod harness;

use comanda::domain::people::Role;
use harness::run;
use harness::server::{BOTH, TestServer};
use harness::socket::Socket;
use serde_json::json;

#[test]
fn an_order_reaches_the_kitchen_and_a_tap_reaches_the_phone() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let cook = server.staff(Role::Kitchen).await;
            let guest = server.guest(0).await;
            let mut kitchen = Socket::subscribed(&cook, "kitchen").await;
            let mut phone = Socket::subscribed(&guest, "table").await;

            let placed = guest.order(&server.draft()).await;
            assert_eq!((placed["number"].as_i64(), placed["totals"]["total"].as_i64()), (Some(1), Some(2150)));
            let ticket = kitchen.until(|m| m["kind"] == "order.placed").await;
            assert_eq!(ticket["order"]["id"], placed["id"]);
            assert_eq!(ticket["seq"], placed["seq"]);
            assert_eq!(ticket["order"]["lines"][0]["note"], "no salt");

            let seq = ticket["seq"].clone();
            let stations = json!([server.fixture.grill(), server.fixture.bar()]);
            kitchen.send(&json!({ "op": "shown", "topic": "kitchen", "seq": seq, "stations": stations })).await;
            let seen = phone.until(|m| m["kind"] == "orders.seen").await;
            assert_eq!(seen["seen"][0]["order"], placed["id"]);

            let line = &ticket["order"]["lines"][0]["id"];
            let ok = kitchen.command("line.done", json!({ "order": placed["id"], "line": line })).await;
            assert_eq!(ok["op"], "ok", "{ok}");
            let told = phone.until(|m| m["kind"] == "line.done").await;
            assert_eq!(told["order"]["lines"][0]["state"], "done");
            assert_eq!(told["order"]["state"], "preparing");
            assert!(told.get("by").is_none(), "guests do not see who cooks");
            server.stop().await;
        });
    }
}
