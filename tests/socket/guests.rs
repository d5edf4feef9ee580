//! W4: what guests are sent. Whatever happens in the house, no word of the kitchen's inner life, of the staff or
//! of other tables is in it.

use super::follow::Follower;
use super::hand::{Hand, draft, small};
use super::node::quiet;
use crate::harness::run;
use crate::harness::server::{BOTH, TestServer};
use crate::harness::socket::Socket;
use comanda::domain::command::MarkShown;
use comanda::domain::people::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every field that a guest may be sent, wherever it is.
const FIELDS: &str = "op topic seq prev at kind command epoch head snapshot part parts session who restaurant protocol role \
    order orders seen seating item of id number state version table guest held note allergy allergy_confirmed_at told_by \
    placed_at due_at expected from to before confirmed_at started_at ready_at completed_at cancelled_at cancel_reason totals lines name quantity \
    options unit_price void_reason label price available stock menu_version gate released guests calls reason called_at coming_at done_at opened_at closed_at \
    slug timezone currency locales settings auto_confirm soon_minutes late_minutes unseen_seconds unseen_again_seconds call_again_seconds idle_minutes \
    hours closings takeaway on orders_per_slot make_minutes_per_slot lead_minutes days_ahead messages received accepted ready cancelled channels whatsapp sms email push \
    day_starts_hour charges tax_basis_points tax_included service_basis_points items tax service subtotal total en \
    topics last upto code message retry_ms current fields field";

/// Every key of a message, with what it is in: `order.lines.id`.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = format!("{path}.{key}");
                keys(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, path, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Everything that may happen to an order and its table.
async fn a_busy_evening(server: &TestServer, waiter: &Hand, hands: &[Hand; 2]) {
    for hand in hands {
        let mut draft = draft(&server.fixture);
        draft["allergy"] = json!("nuts");
        draft["contact"] = json!({ "phone": "+34600111222", "channel": "whatsapp" });
        let (order, seq) = hand.place(&draft).await;
        let (id, line) = (order.id, order.lines[0].id);
        waiter.tap("order.confirm_allergy", json!({ "order": id })).await;
        waiter.tap("order.rush", json!({ "order": id, "rush": true })).await;
        waiter.tap("line.start", json!({ "order": id, "line": line })).await;
        waiter.tap("line.done", json!({ "order": id, "line": line })).await;
        waiter.tap("line.recall", json!({ "order": id, "line": line })).await;
        waiter.tap("line.void", json!({ "order": id, "line": line, "reason": "dropped" })).await;
        let stations = [server.fixture.grill(), server.fixture.bar()].to_vec();
        drop(waiter.commands.shown(&waiter.claims, MarkShown { seq, stations, kind: None }).await);
        waiter.tap("order.bump", json!({ "order": id })).await;
        waiter.tap("order.recall", json!({ "order": id })).await;
        waiter.tap("order.bump", json!({ "order": id })).await;
        waiter.tap("order.complete", json!({ "order": id })).await;
        let (order, _) = hand.place(&small(&server.fixture)).await;
        waiter.tap("order.cancel", json!({ "order": order.id, "reason": "the kitchen is on fire" })).await;
    }
    waiter.tap("item.set", json!({ "item": server.fixture.beer().id, "available": false })).await;
}

#[test]
fn w4_guests_are_sent_their_own_table_and_only_what_guests_may_know() {
    for kind in BOTH {
        run(async {
            let server = quiet(kind).await;
            let (waiter, guest, neighbour) =
                (server.staff(Role::Waiter).await, server.guest(0).await, server.guest(1).await);
            let hands = [Hand::at(&server, &guest), Hand::at(&server, &neighbour)];
            let tap = Hand::at(&server, &waiter);
            let (mine, _) = hands[0].place(&small(&server.fixture)).await;
            let mut phone = Follower::new(&guest, &["table", &format!("order:{}", mine.id)]).await;
            a_busy_evening(&server, &tap, &hands).await;
            // A refusal shows the order as it is: as a guest may see it.
            tap.tap("line.start", json!({ "order": mine.id, "line": mine.lines[0].id })).await;
            let refused = phone.socket.command("order.cancel", json!({ "order": mine.id })).await;
            assert_eq!((&refused["code"], refused["current"].is_object()), (&json!("too_late"), true), "{refused}");
            let forbidden = phone.socket.command("order.bump", json!({ "order": mine.id })).await;
            assert_eq!(forbidden["code"], "forbidden");
            tap.tap("seating.close", json!({ "seating": guest.seating, "force": true })).await;
            while phone.socket.any().await.is_some() {}
            // Again, from a snapshot of all that.
            let mut again = Socket::subscribed(&neighbour, "table").await;
            again.send(&json!({ "op": "subscribe", "topic": "kitchen" })).await;
            again.expect("error").await;

            let kinds: BTreeSet<&str> = phone.socket.log.iter().filter_map(|m| m["kind"].as_str()).collect();
            assert!(kinds.len() >= 13, "{kinds:?}");
            // A beat names the topics it speaks of.
            let topic = format!("order:{}", mine.id);
            let allowed: BTreeSet<&str> = FIELDS.split_whitespace().chain([topic.as_str()]).collect();
            for message in phone.socket.log.iter().chain(&again.log) {
                let mut found = BTreeSet::new();
                keys(message, "", &mut found);
                for path in found {
                    let key = path.rsplit('.').next().expect("a key");
                    assert!(allowed.contains(key), "guests may not see `{path}`: {message}");
                }
            }
            let log = json!(phone.socket.log).to_string();
            let seating = neighbour.seating.expect("a guest").to_string();
            for stranger in [tap.claims.actor.sender(), hands[1].claims.actor.sender(), seating] {
                let id = stranger.rsplit(':').next().expect("an id");
                assert!(!log.contains(id), "{stranger} is not this table's business");
            }
            assert!(!json!([phone.socket.log, again.log]).to_string().contains("600111222"), "contact data");
        });
    }
}
