//! The judges of this folder are judged: each flaw that they are there to find, they find. Without these a run in
//! which nothing was compared would look like one in which everything agreed.

use super::agree::{Watcher, commands_complaints};
use crate::harness::board::Board;
use crate::harness::dice::Dice;
use crate::harness::follower::{Follower, Home};
use crate::harness::truth::{CommandRow, OrderRow, Stretch, Truth};
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::{CommandId, Epoch, OrderId, RestaurantId};
use comanda::domain::order::Order;
use comanda::domain::people::By;
use comanda::domain::time::Timestamp;
use comanda::domain::topic::Topic;
use serde_json::{Value, json};
use uuid::Uuid;

const EPOCH: Epoch = Epoch(Uuid::from_u128(7));

fn order(id: u128, version: i64, state: &str) -> Order {
    let at = "2026-01-31T19:02:11.480Z";
    serde_json::from_value(json!({
        "id": Uuid::from_u128(id), "number": id, "kind": "dine_in", "state": state, "version": version, "table": null,
        "seating": null, "guest": null, "placed_by": { "kind": "system" }, "held": false, "note": null,
        "allergy": null, "allergy_confirmed_at": null, "rush": false, "told_by": null, "placed_at": at, "due_at": at,
        "confirmed_at": at, "started_at": null, "ready_at": null, "completed_at": null, "cancelled_at": null,
        "cancel_reason": null, "totals": { "subtotal": 0, "service": 0, "tax": 0, "total": 0 },
        "charges": { "tax_basis_points": 0, "tax_included": true, "service_basis_points": 0 }, "lines": [],
    }))
    .expect("an order")
}

fn event(seq: i64, kind: Kind, order: Order) -> Event {
    Event {
        restaurant: RestaurantId(Uuid::nil()),
        epoch: EPOCH,
        seq,
        at: Timestamp(seq * 1000),
        kind,
        by: By::System,
        command: CommandId(Uuid::from_u128(u128::from(seq.unsigned_abs()))),
        state: State::Order { order: Box::new(order) },
    }
}

fn row(id: u128, number: i64) -> OrderRow {
    OrderRow { id: OrderId(Uuid::from_u128(id)), number, business_day: 20_260_131, placed_at: Timestamp(0) }
}

/// Two orders, of which the first is begun, then the second.
fn truth() -> Truth {
    let events = vec![
        event(1, Kind::OrderPlaced, order(1, 1, "confirmed")),
        event(2, Kind::OrderPlaced, order(2, 1, "confirmed")),
        event(3, Kind::LineStarted, order(1, 2, "preparing")),
        event(4, Kind::LineStarted, order(2, 2, "preparing")),
    ];
    let command = |id: u128, seq| CommandRow { id: Uuid::from_u128(id), seq, subject: Uuid::nil() };
    Truth {
        restaurant: RestaurantId(Uuid::nil()),
        epoch: EPOCH,
        head: 4,
        events,
        commands: vec![command(3, 3), command(4, 4), command(4, 4)],
        orders: vec![row(1, 1), row(2, 2)],
    }
}

fn state(order: &Order) -> Value {
    serde_json::to_value(order).expect("JSON")
}

fn board(orders: &[Order]) -> Board {
    Board::from_parts(&[json!({ "orders": orders })])
}

/// Somebody who began with the snapshot at 2 and heard the rest.
fn stretch() -> Stretch {
    let mut stretch = Stretch {
        epoch: EPOCH,
        from: 2,
        began: 2,
        snapshot: board(&[order(1, 1, "confirmed"), order(2, 1, "confirmed")]),
        heard: vec![3, 4],
        upto: 4,
        board: Board::default(),
    };
    stretch.board = stretch.snapshot.clone();
    stretch.board.take(&json!({ "order": state(&order(1, 2, "preparing")) }));
    stretch.board.take(&json!({ "order": state(&order(2, 2, "preparing")) }));
    stretch
}

#[track_caller]
fn finds(complaints: &[String], words: &str) {
    assert!(complaints.iter().any(|complaint| complaint.contains(words)), "no `{words}` in {complaints:?}");
}

#[test]
fn a_history_with_a_flaw_is_found_out() {
    assert!(truth().complaints().is_empty());
    let flawed = |flaw: &dyn Fn(&mut Truth)| {
        let mut truth = truth();
        flaw(&mut truth);
        truth.complaints()
    };
    finds(&flawed(&|t| drop(t.events.remove(2))), "has a hole");
    finds(&flawed(&|t| t.head = 5), "has a hole");
    finds(&flawed(&|t| t.events[3].at = Timestamp(1)), "goes back");
    finds(&flawed(&|t| t.orders[1].number = 1), "numbers of");
    finds(&flawed(&|t| t.orders[1].number = 3), "numbers of");
    finds(&flawed(&|t| t.events[3].kind = Kind::OrderPlaced), "was placed by Some(2)");
    finds(&flawed(&|t| t.orders.push(row(3, 3))), "was placed by None");
    finds(&flawed(&|t| t.orders.truncate(1)), "have no row");
    finds(&flawed(&|t| t.events[3] = event(4, Kind::LineStarted, order(2, 3, "preparing"))), "1 before 3");
}

#[test]
fn an_alarm_that_is_raised_twice_or_too_soon_is_found_out() {
    let minute = 60_000_000;
    let with = |alarms: &[(i64, i64)]| {
        let mut truth = truth();
        for (nth, at) in alarms {
            let unseen = json!({ "order": Uuid::from_u128(1), "number": 1, "table": null, "stations": [], "nth": nth,
                "since": "2026-01-31T19:02:11.480Z" });
            truth.head += 1;
            let state = State::Unseen { unseen: serde_json::from_value(unseen).expect("an alarm") };
            let alarm = event(truth.head, Kind::OrderUnseen, order(1, 1, "confirmed"));
            truth.events.push(Event { at: Timestamp(*at), state, ..alarm });
        }
        truth.complaints()
    };
    assert_eq!(with(&[(1, minute), (2, 2 * minute), (3, 3 * minute)]), Vec::<String>::new());
    finds(&with(&[(1, minute), (1, 2 * minute)]), "alarm 1 after 1");
    finds(&with(&[(1, minute), (3, 2 * minute)]), "alarm 3 after 1");
    finds(&with(&[(1, minute), (2, minute + minute / 2)]), "alarm 2 after 1, 30000000 us later");
}

#[test]
fn a_screen_with_a_flaw_is_found_out() {
    let truth = truth();
    let view = truth.view(Topic::Kitchen);
    assert_eq!(view.complaints(&stretch()), Vec::<String>::new());
    let flawed = |flaw: &dyn Fn(&mut Stretch)| {
        let mut stretch = stretch();
        flaw(&mut stretch);
        view.complaints(&stretch)
    };
    finds(&flawed(&|s| s.heard = vec![4]), "missing [3]");
    finds(&flawed(&|s| s.heard = vec![3, 3, 4]), "missing []");
    finds(&flawed(&|s| s.heard = vec![3, 4, 9]), "foreign [9]");
    finds(&flawed(&|s| s.board = s.snapshot.clone()), "not the board that the events give");
    finds(&flawed(&|s| s.snapshot = board(&[order(1, 1, "confirmed")])), "is missing");
    finds(&flawed(&|s| s.snapshot = board(&[order(1, 1, "ready"), order(2, 1, "confirmed")])), "differs");
    finds(&flawed(&|s| s.epoch = Epoch(Uuid::nil())), "another epoch");
    let other = board(&[order(1, 2, "preparing"), order(2, 2, "ready")]);
    finds(&stretch().board.differences(&other), "differs in state");
    finds(&stretch().board.differences(&board(&[order(1, 2, "preparing")])), "open orders");
}

#[test]
fn a_command_without_its_one_row_is_found_out() {
    let truth = truth();
    let mut follower = Follower::new("cook".to_owned(), &Home::new(""), "", "", "kitchen", Dice::new(0, 0));
    let complaints =
        |follower: &Follower| commands_complaints(&[Watcher { follower, topic: Topic::Kitchen, token: "" }], &truth);
    follower.acknowledged.insert(Uuid::from_u128(3), 3);
    assert!(complaints(&follower).is_empty());
    for (id, seq, words) in [(3, 2, "Some([3])"), (4, 4, "Some([4, 4])"), (5, 5, "None")] {
        follower.acknowledged.clear();
        follower.acknowledged.insert(Uuid::from_u128(id), seq);
        finds(&complaints(&follower), words);
    }
}
