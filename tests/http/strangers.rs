//! Tenants never meet (L9): with a good token of one restaurant, nothing of another can be seen, named or touched,
//! by any call and any command, on either database.

use super::house::{House, in_a_house, refused};
use crate::harness::people::{Person, draft};
use crate::harness::server::BOTH;
use comanda::domain::people::{Actor, Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the other restaurant has: all of it is somebody's, none of it is ours.
struct Theirs {
    order: Value,
    line: Value,
    seating: Value,
    guest: Value,
    session: Value,
    table: Value,
    item: Value,
    option: Value,
    station: Value,
    screen: Value,
    user: Value,
    person: Person,
}

async fn theirs(house: &House) -> Theirs {
    let server = &house.server;
    let person = server.guest_of(&house.rival, 0).await;
    let placed = person.order(&draft(&house.rival)).await;
    let waiter = server.staff_of(&house.rival, Role::Waiter).await;
    let Actor::Staff { session, user, .. } = server.app().commands.authenticate(&waiter.token).unwrap().actor else {
        panic!("a waiter")
    };
    Theirs {
        order: placed["id"].clone(),
        line: placed["lines"][0]["id"].clone(),
        seating: json!(person.seating.unwrap()),
        guest: json!(person.guest.unwrap()),
        session: json!(session),
        table: json!(house.rival.tables[1].id),
        item: json!(house.rival.fries().id),
        option: json!(house.rival.steak().option_groups[0].options[0].id),
        station: json!(house.rival.grill()),
        screen: screen(house).await,
        user: json!(user),
        person,
    }
}

/// A screen of the other restaurant.
async fn screen(house: &House) -> Value {
    let server = &house.server;
    let manager = server.staff_of(&house.rival, Role::Manager).await;
    let ask = house.post("/api/auth/pair").json(&json!({ "restaurant": "rival" })).send().await.unwrap();
    let asked: Value = ask.json().await.unwrap();
    let answer = manager.post("/api/screens", &json!({ "code": asked["code"], "name": "Theirs" })).await;
    answer.json::<Value>().await.unwrap()["id"].clone()
}

/// In a house whose rival is at work; at the end nothing more happened there.
fn beside_a_rival(leaves: &[&str], test: impl AsyncFn(&House, &Theirs)) {
    for kind in BOTH {
        crate::harness::run(async {
            let house = House::open(kind).await;
            let theirs = theirs(&house).await;
            let house = house.begun_anew().await;
            test(&house, &theirs).await;
            house.unharmed(leaves).await;
            let read: Value = theirs
                .person
                .get(&format!("/api/orders/{}", theirs.order.as_str().unwrap()))
                .await
                .json()
                .await
                .unwrap();
            assert_eq!((read["state"].as_str(), read["version"].as_i64()), (Some("confirmed"), Some(1)), "{read}");
            house.server.stop().await;
        });
    }
}

#[test]
fn another_restaurants_order_can_neither_be_read_nor_cancelled_nor_followed() {
    beside_a_rival(&[], async |house: &House, theirs: &Theirs| {
        let order = theirs.order.as_str().unwrap();
        for person in [&house.guest, &house.cook, &house.waiter, &house.manager] {
            refused(person.get(&format!("/api/orders/{order}")).await, 404, "unknown_order").await;
            refused(person.delete(&format!("/api/orders/{order}?reason=x")).await, 404, "unknown_order").await;
            refused(person.get(&format!("/api/feed?topic=order:{order}")).await, 404, "unknown_order").await;
            let list: Value = person.get("/api/orders").await.json().await.unwrap();
            assert_eq!(list["orders"], json!([]));
        }
        for topic in ["kitchen", "floor"] {
            let feed: Value = house.manager.get(&format!("/api/feed?topic={topic}")).await.json().await.unwrap();
            let text = feed.to_string();
            for theirs in [&theirs.order, &theirs.seating, &theirs.table, &theirs.station] {
                assert!(!text.contains(theirs.as_str().unwrap()), "{theirs} in {text}");
            }
        }
        let tables: Value = house.manager.get("/api/tables").await.json().await.unwrap();
        assert_eq!(tables.as_array().unwrap().len(), 3);
        assert!(!tables.to_string().contains(theirs.table.as_str().unwrap()));
    });
}

#[test]
fn no_command_takes_another_restaurants_ids() {
    beside_a_rival(&["order.placed"], async |house: &House, theirs: &Theirs| {
        let mine = house.waiter.order(&house.server.draft()).await;
        let (order, line) = (&mine["id"], &mine["lines"][0]["id"]);
        let seating = json!(house.guest.seating.unwrap());
        let Theirs { order: other, line: their_line, station, .. } = theirs;
        let commands = [
            ("order.confirm", json!({ "order": other }), "unknown_order"),
            ("order.bump", json!({ "order": other }), "unknown_order"),
            ("order.bump", json!({ "order": order, "stations": [station] }), "unknown_station"),
            ("order.recall", json!({ "order": other }), "unknown_order"),
            ("order.recall", json!({ "order": order, "lines": [their_line] }), "unknown_line"),
            ("order.complete", json!({ "order": other }), "unknown_order"),
            ("order.cancel", json!({ "order": other, "reason": "x" }), "unknown_order"),
            ("order.rush", json!({ "order": other, "rush": true }), "unknown_order"),
            ("order.confirm_allergy", json!({ "order": other }), "unknown_order"),
            ("line.start", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.start", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("line.start", json!({ "order": order, "line": line, "station": station }), "unknown_station"),
            ("line.done", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.done", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("line.done", json!({ "order": order, "line": line, "station": station }), "unknown_station"),
            ("line.recall", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.recall", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("line.void", json!({ "order": other, "line": their_line, "reason": "x" }), "unknown_order"),
            ("line.void", json!({ "order": order, "line": their_line, "reason": "x" }), "unknown_line"),
            ("line.hold", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.hold", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("line.fire", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.fire", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("line.move", json!({ "order": order, "line": line, "from": station, "to": station }), "unknown_station"),
            ("line.remake", json!({ "order": other, "line": their_line }), "unknown_order"),
            ("line.remake", json!({ "order": order, "line": their_line }), "unknown_line"),
            ("order.reopen", json!({ "order": other }), "unknown_order"),
            ("order.start", json!({ "order": other }), "unknown_order"),
            ("seating.open", json!({ "table": theirs.table }), "unknown_table"),
            ("seating.release", json!({ "seating": theirs.seating }), "unknown_seating"),
            ("seating.release", json!({ "seating": seating, "guest": theirs.guest }), "unknown_guest"),
            ("seating.close", json!({ "seating": theirs.seating, "force": true }), "unknown_seating"),
            ("seating.move", json!({ "seating": theirs.seating, "table": theirs.table }), "unknown_table"),
            ("call.coming", json!({ "seating": theirs.seating, "reason": "bill" }), "unknown_seating"),
            ("call.done", json!({ "seating": theirs.seating, "reason": "bill" }), "unknown_seating"),
            ("item.set", json!({ "item": theirs.item, "available": false }), "unknown_item"),
            ("table.rotate_code", json!({ "table": theirs.table }), "unknown_table"),
            ("session.revoke", json!({ "session": theirs.session }), "unknown_session"),
            ("screen.set", json!({ "screen": theirs.screen, "name": "x" }), "unknown_screen"),
            ("screen.revoke", json!({ "screen": theirs.screen }), "unknown_screen"),
            ("staff.set_role", json!({ "user": theirs.user, "role": "kitchen" }), "unknown_member"),
            ("staff.remove", json!({ "user": theirs.user }), "unknown_member"),
        ];
        let named: std::collections::BTreeSet<&str> = commands.iter().map(|(name, _, _)| *name).collect();
        let of_ones_own = ["seating.pin", "seating.call", "takeaway.pause"];
        let all = comanda::domain::command::WIRE_NAMES.iter().filter(|n| !of_ones_own.contains(n)).copied().collect();
        assert_eq!(named, all, "every command that takes an id is in this list");
        for (name, args, code) in commands {
            let said = house.manager.command(name, args.clone()).await;
            assert_eq!(said["code"], code, "{name} {args}: {said}");
            let current = said["current"].to_string();
            assert!(!current.contains(theirs.order.as_str().unwrap()), "{said}");
            let said = house.guest.command(name, args).await;
            let code = said["code"].as_str().unwrap();
            assert!(["forbidden", "unknown_order"].contains(&code), "{name} as a guest: {said}");
        }
    });
}

#[test]
fn no_order_takes_another_restaurants_dishes_options_or_tables() {
    beside_a_rival(&[], async |house: &House, theirs: &Theirs| {
        let reasons = |said: &Value| -> Vec<String> {
            said["lines"].as_array().unwrap().iter().map(|line| line["reason"].as_str().unwrap().to_owned()).collect()
        };
        for person in [&house.guest, &house.waiter] {
            let mut draft = house.server.draft();
            draft["lines"][1]["item"] = theirs.item.clone();
            let said = refused(person.send_order(Uuid::new_v4(), &draft).await, 409, "unavailable").await;
            assert_eq!(reasons(&said), ["unknown_item"]);
            let mut draft = house.server.draft();
            draft["lines"][0]["options"] = json!([theirs.option]);
            let said = refused(person.send_order(Uuid::new_v4(), &draft).await, 409, "unavailable").await;
            assert_eq!(reasons(&said), ["too_few_options", "unknown_option"]);
        }
        let mut draft = house.server.draft();
        draft["table"] = theirs.table.clone();
        refused(house.waiter.send_order(Uuid::new_v4(), &draft).await, 404, "unknown_table").await;
    });
}

#[test]
fn a_key_used_in_one_restaurant_is_free_in_another() {
    for kind in BOTH {
        crate::harness::run(async {
            let house = House::open(kind).await;
            let theirs = house.server.guest_of(&house.rival, 0).await;
            let key = Uuid::new_v4();
            let ours: Value = house.guest.send_order(key, &house.server.draft()).await.json().await.unwrap();
            let other: Value = theirs.send_order(key, &draft(&house.rival)).await.json().await.unwrap();
            assert_eq!((ours["number"].as_i64(), other["number"].as_i64()), (Some(1), Some(1)));
            assert_ne!(ours["id"], other["id"]);
            house.server.stop().await;
        });
    }
}

#[test]
fn a_guest_of_one_restaurant_is_a_new_guest_in_another() {
    in_a_house(&BOTH, &["seating.joined"], async |house: &House| {
        let again = json!({ "qr": house.server.code(&house.server.fixture, 0) });
        let scan = |token: &str, body: &Value| house.post("/api/seatings").bearer_auth(token).json(body).send();
        let same: Value = scan(&house.guest.token, &again).await.unwrap().json().await.unwrap();
        assert_eq!(same["guest"], json!(house.guest.guest.unwrap()), "the same phone at the same table");
        let other: Value = scan(&house.cook.token, &again).await.unwrap().json().await.unwrap();
        assert_ne!(other["guest"], json!(house.guest.guest.unwrap()));
        assert_eq!(other["seating"]["guests"].as_array().unwrap().len(), 2);
    });
    for kind in BOTH {
        crate::harness::run(async {
            let house = House::open(kind).await;
            let code = json!({ "qr": house.server.code(&house.rival, 0) });
            let scan = house.post("/api/seatings").bearer_auth(&house.guest.token).json(&code).send();
            let scanned: Value = scan.await.unwrap().json().await.unwrap();
            assert_eq!(scanned["restaurant"], json!(house.rival.id()));
            assert_ne!(scanned["guest"], json!(house.guest.guest.unwrap()));
            house.server.stop().await;
        });
    }
}
