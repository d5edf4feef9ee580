//! A party's stay, from the first scan to the bill: one open seating per table, the gate, the PIN, the end, and
//! printed codes that are taken out of use.

use super::fold::{assert_rows_are_the_feed, count};
use super::node::{Node, accepted, guest_of, join, ordering, refused, seating_of, wish};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::domain::command::*;
use comanda::domain::event::Kind;
use comanda::domain::ids::*;
use comanda::domain::limits::{PIN_TRIES, SEATING_GUESTS};
use comanda::domain::order::{Order, OrderState};
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::topic::Topic;
use comanda::protocol::snapshot::Snapshot;
use comanda::store::committer::Answer;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

#[test]
fn thirty_phones_that_scan_at_once_sit_at_one_table() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Arc::new(Node::open(&place).await);
            let fixture = node.restaurant("olive", GateRule::None).await;
            let mut phones = JoinSet::new();
            for _ in 0..30 {
                let (node, fixture) = (Arc::clone(&node), fixture.clone());
                phones.spawn(async move { node.scan(&fixture, 0).await });
            }
            let phones = phones.join_all().await;
            let seatings: BTreeSet<SeatingId> = phones.iter().map(seating_of).collect();
            let guests: BTreeSet<GuestId> = phones.iter().map(guest_of).collect();
            assert_eq!((seatings.len(), guests.len()), (1, 30));
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::SeatingOpened), count(&history, Kind::SeatingJoined)), (1, 29));
            let stored = node.store.seating(fixture.id(), seating_of(&phones[0])).await.unwrap().unwrap();
            let numbers: Vec<i64> = stored.seating.guests.iter().map(|guest| guest.number).collect();
            assert_eq!(numbers, (1..=30).collect::<Vec<_>>());
            // The next table is another party's.
            assert_ne!(seating_of(&node.scan(&fixture, 1).await), seating_of(&phones[0]));
        });
    }
}

#[test]
fn a_phone_that_comes_back_is_the_same_guest_and_a_table_has_a_bound() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let phone = node.scan(&fixture, 0).await;
            let back = |returning| {
                let Command::JoinSeating(join) = join(&fixture, 0) else { panic!("a scan") };
                Command::JoinSeating(JoinSeating { returning: Some(returning), ..join })
            };
            let same = node.does(&fixture, &Actor::System, back(guest_of(&phone))).await;
            assert_eq!((same.subject, same.seq), (guest_of(&phone).0, 1), "and nobody is told");
            let unknown = node.does(&fixture, &Actor::System, back(GuestId(uuid::Uuid::now_v7()))).await;
            assert_eq!(unknown.seating.unwrap().guests.len(), 2);
            for _ in 2..SEATING_GUESTS {
                node.scan(&fixture, 0).await;
            }
            assert_eq!(node.refuses(&fixture, &Actor::System, join(&fixture, 0)).await, Code::SeatingFull);
            let same = node.does(&fixture, &Actor::System, back(guest_of(&phone))).await;
            assert_eq!(same.subject, guest_of(&phone).0, "who sits there may come back");
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

/// The numbers of the orders that a kitchen's screen shows, by a snapshot.
async fn on_screen(node: &Node, fixture: &Fixture) -> Vec<i64> {
    let now = comanda::domain::time::Timestamp(0);
    match node.store.snapshot(fixture.id(), Topic::Kitchen, now).await.unwrap().expect("a kitchen").1 {
        Snapshot::Kitchen(kitchen) => kitchen.orders.iter().map(|order| order.number).collect(),
        Snapshot::Floor(_) | Snapshot::Table(_) | Snapshot::Order(_) => panic!("another topic"),
    }
}

async fn fries(node: &Node, fixture: &Fixture, guest: &Actor) -> Order {
    node.orders(fixture, guest, &[(fixture.fries(), 1)]).await
}

fn release(guest: &Actor, only: Option<&Actor>) -> Command {
    Command::ReleaseSeating(ReleaseSeating { seating: seating_of(guest), guest: only.map(guest_of) })
}

#[test]
fn a_seatings_gate_holds_every_order_until_one_tap_lets_them_all() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::Seating).await;
            let (one, other) = (node.scan(&fixture, 0).await, node.scan(&fixture, 0).await);
            let stranger = node.scan(&fixture, 1).await;
            let held = [
                fries(&node, &fixture, &one).await,
                fries(&node, &fixture, &other).await,
                fries(&node, &fixture, &one).await,
                fries(&node, &fixture, &stranger).await,
            ];
            assert!(held.iter().all(|order| order.held && order.state == OrderState::Pending));
            assert!(on_screen(&node, &fixture).await.is_empty(), "the kitchen sees what nobody let in");
            let tap = Command::ConfirmOrder(OrderRef { order: held[0].id });
            let cook = node.staff(&fixture, Role::Kitchen).await;
            assert_eq!(node.refuses(&fixture, &cook, tap).await, Code::Held);
            assert_eq!(node.refuses(&fixture, &cook, release(&one, None)).await, Code::Forbidden);
            assert_eq!(node.refuses(&fixture, &one, release(&one, None)).await, Code::Forbidden);

            let waiter = node.staff(&fixture, Role::Waiter).await;
            let let_in = node.does(&fixture, &waiter, release(&one, None)).await;
            let again = node.does(&fixture, &waiter, release(&one, None)).await;
            assert_eq!(again.seq, let_in.seq, "an open gate is open");
            assert_eq!(on_screen(&node, &fixture).await, [1, 2, 3], "and the other table waits");
            let order = node.order(&fixture, held[1].id).await;
            assert_eq!((order.held, order.state, order.version), (false, OrderState::Confirmed, 2));
            assert!(!fries(&node, &fixture, &other).await.held, "from now on all of that table pass");
            assert!(fries(&node, &fixture, &stranger).await.held);
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!((count(&history, Kind::SeatingReleased), count(&history, Kind::OrderReleased)), (1, 3));
        });
    }
}

#[test]
fn a_phones_gate_lets_one_phone() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::Phone).await;
            let (one, other) = (node.scan(&fixture, 0).await, node.scan(&fixture, 0).await);
            for guest in [&one, &other] {
                assert!(fries(&node, &fixture, guest).await.held);
            }
            let waiter = node.staff(&fixture, Role::Waiter).await;
            node.does(&fixture, &waiter, release(&one, Some(&other))).await;
            assert_eq!(on_screen(&node, &fixture).await, [2], "only that phone's");
            assert!(!fries(&node, &fixture, &other).await.held);
            assert!(fries(&node, &fixture, &one).await.held);
            let nobody = Actor::Guest { guest: GuestId(uuid::Uuid::now_v7()), seating: seating_of(&one) };
            assert_eq!(node.refuses(&fixture, &waiter, release(&one, Some(&nobody))).await, Code::UnknownGuest);
            node.does(&fixture, &waiter, release(&one, None)).await;
            assert_eq!(on_screen(&node, &fixture).await, [1, 2, 3, 4], "staff may let the whole table");
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn an_open_gate_and_staff_hold_nothing() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let open = node.restaurant("olive", GateRule::None).await;
            let guest = node.scan(&open, 0).await;
            assert!(!fries(&node, &open, &guest).await.held);
            // Where there is a gate, a seating that the staff opened is let in with everybody who joins it.
            let gated = node.restaurant("lemon", GateRule::Seating).await;
            let waiter = node.staff(&gated, Role::Waiter).await;
            let opened =
                node.does(&gated, &waiter, Command::OpenSeating(TableOnly { table: gated.tables[0].id })).await;
            let guest = node.scan(&gated, 0).await;
            assert_eq!(seating_of(&guest).0, opened.subject);
            assert!(!fries(&node, &gated, &guest).await.held);
            let mut draft = super::node::draft(&[(gated.fries(), 1)]);
            draft.table = Some(gated.tables[1].id);
            let by_staff = node.does(&gated, &waiter, Command::PlaceOrder(Box::new(draft))).await.order.unwrap();
            assert!(!by_staff.held && by_staff.table.is_some_and(|table| table.label == "T2"));
            assert_eq!(on_screen(&node, &gated).await, [1, 2]);
        });
    }
}

fn pin(pin: &str) -> Command {
    Command::GivePin(GivePin { pin: pin.to_owned() })
}

/// A seating behind a PIN: the fixture, one of its phones, its PIN and one that is wrong.
async fn behind_a_pin(node: &Node) -> (Fixture, Actor, String, &'static str) {
    let fixture = node.restaurant("olive", GateRule::Pin).await;
    let guest = node.scan(&fixture, 0).await;
    let right = node.store.seating(fixture.id(), seating_of(&guest)).await.unwrap().unwrap().pin;
    assert_eq!(right.len(), 4);
    let wrong = if right == "0000" { "1111" } else { "0000" };
    (fixture, guest, right, wrong)
}

#[test]
fn the_right_pin_lets_the_phone_that_gave_it() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let (fixture, guest, right, wrong) = behind_a_pin(&node).await;
            let other = node.scan(&fixture, 0).await;
            for guest in [&guest, &other] {
                assert!(fries(&node, &fixture, guest).await.held);
            }
            for _ in 1..PIN_TRIES {
                assert_eq!(node.refuses(&fixture, &guest, pin(wrong)).await, Code::WrongPin);
            }
            node.does(&fixture, &guest, pin(&format!(" {right} "))).await;
            assert_eq!(on_screen(&node, &fixture).await, [1]);
            let head = node.does(&fixture, &guest, pin(wrong)).await.seq;
            assert_eq!(head, i64::try_from(node.history(fixture.id()).await.len()).unwrap(), "who is in needs none");
            assert!(fries(&node, &fixture, &other).await.held, "the neighbour has given none");
            node.does(&fixture, &other, pin(&right)).await;
            assert_eq!(on_screen(&node, &fixture).await, [1, 2, 3]);
            let cook = node.staff(&fixture, Role::Admin).await;
            assert_eq!(node.refuses(&fixture, &cook, pin(&right)).await, Code::Forbidden);
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn five_wrong_pins_lock_the_pin_and_staff_still_let_the_table() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let (fixture, guest, right, wrong) = behind_a_pin(&node).await;
            assert!(fries(&node, &fixture, &guest).await.held);
            // All at once: each counts in the transaction that checks it.
            let tries = (0..8).map(|_| wish(&fixture, &guest, pin(wrong))).collect();
            let codes: Vec<Code> = node.batch(tries).await.into_iter().map(|answer| refused(answer).code).collect();
            assert_eq!(codes.iter().filter(|code| **code == Code::WrongPin).count(), 5);
            assert_eq!(codes[5..], [Code::PinLocked; 3]);
            assert_eq!(node.refuses(&fixture, &guest, pin(&right)).await, Code::PinLocked);
            let stored = node.store.seating(fixture.id(), seating_of(&guest)).await.unwrap().unwrap();
            assert_eq!(stored.pin_tries, PIN_TRIES, "tries are rows");
            assert!(on_screen(&node, &fixture).await.is_empty());
            let head = node.history(fixture.id()).await.len();
            assert_eq!(head, 2, "a wrong PIN is no event");
            node.does(&fixture, &Actor::System, release(&guest, None)).await;
            assert_eq!(on_screen(&node, &fixture).await, [1]);
            // The next party has a PIN and tries of its own.
            let close = CloseSeating { seating: seating_of(&guest), force: true };
            node.does(&fixture, &Actor::System, Command::CloseSeating(close)).await;
            let next = node.scan(&fixture, 0).await;
            assert_eq!(node.refuses(&fixture, &next, pin("no pin")).await, Code::WrongPin);
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn a_table_with_open_orders_is_closed_only_by_force_and_its_tickets_stay() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (guest, waiter) = (node.scan(&fixture, 0).await, node.staff(&fixture, Role::Waiter).await);
            let close = |force| Command::CloseSeating(CloseSeating { seating: seating_of(&guest), force });
            let order = fries(&node, &fixture, &guest).await;
            assert_eq!(node.refuses(&fixture, &waiter, close(false)).await, Code::OpenOrders);
            assert_eq!(node.refuses(&fixture, &guest, close(true)).await, Code::Forbidden);
            assert!(!fries(&node, &fixture, &guest).await.held, "it is open still");
            let closed = node.does(&fixture, &waiter, close(true)).await;
            assert!(closed.seating.is_some_and(|seating| !seating.is_open()));
            assert_eq!(on_screen(&node, &fixture).await, [1, 2], "the kitchen cooks on");
            let again = node.does(&fixture, &waiter, close(false)).await;
            assert_eq!(again.seq, closed.seq, "what is closed is closed");
            // Everything that a guest holds dies with the seating.
            assert_eq!(node.refuses(&fixture, &guest, ordering(&[(fixture.fries(), 1)])).await, Code::SeatingClosed);
            let cancel = Command::CancelOrder(CancelOrder { order: order.id, reason: None });
            assert_eq!(node.refuses(&fixture, &guest, cancel).await, Code::SeatingClosed);
            assert_eq!(node.refuses(&fixture, &waiter, release(&guest, None)).await, Code::SeatingClosed);
            let next = node.scan(&fixture, 0).await;
            assert_ne!(seating_of(&next), seating_of(&guest));
            // A table whose orders are all served closes without force.
            let served = fries(&node, &fixture, &next).await;
            let at = OrderAtStations { order: served.id, stations: vec![] };
            node.does(&fixture, &waiter, Command::BumpOrder(at)).await;
            node.does(&fixture, &waiter, Command::CompleteOrder(OrderRef { order: served.id })).await;
            let close = CloseSeating { seating: seating_of(&next), force: false };
            node.does(&fixture, &waiter, Command::CloseSeating(close)).await;
            assert_rows_are_the_feed(&node, &fixture).await;
        });
    }
}

#[test]
fn closing_a_table_cancels_what_its_gate_holds() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::Phone).await;
            let (one, other) = (node.scan(&fixture, 0).await, node.scan(&fixture, 0).await);
            let neighbour = node.scan(&fixture, 1).await;
            node.does(&fixture, &Actor::System, release(&one, Some(&one))).await;
            let cooking = fries(&node, &fixture, &one).await;
            let held = fries(&node, &fixture, &other).await;
            let theirs = fries(&node, &fixture, &neighbour).await;
            let close = |force| Command::CloseSeating(CloseSeating { seating: seating_of(&one), force });
            assert_eq!(node.refuses(&fixture, &Actor::System, close(false)).await, Code::OpenOrders);
            assert_eq!(node.order(&fixture, held.id).await.state, OrderState::Pending, "a refusal changes nothing");
            node.does(&fixture, &Actor::System, close(true)).await;
            let cancelled = node.order(&fixture, held.id).await;
            assert_eq!(cancelled.state, OrderState::Cancelled);
            assert_eq!(cancelled.cancel_reason.as_deref(), Some("The table was closed."));
            assert_eq!(node.order(&fixture, cooking.id).await, cooking);
            assert_eq!(node.order(&fixture, theirs.id).await, theirs);
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            let last: Vec<Kind> = history[history.len() - 2..].iter().map(|event| event.kind).collect();
            assert_eq!(last, [Kind::OrderCancelled, Kind::SeatingClosed], "the bill comes last");
            // Only held orders: nothing is open, so no force is needed.
            let gone = CloseSeating { seating: seating_of(&neighbour), force: false };
            node.does(&fixture, &Actor::System, Command::CloseSeating(gone)).await;
            assert_eq!(node.order(&fixture, theirs.id).await.state, OrderState::Cancelled);
            assert_eq!(on_screen(&node, &fixture).await, [1]);
        });
    }
}

#[test]
fn a_rotated_code_makes_old_copies_invalid_and_ends_nobodys_stay() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let mut fixture = node.restaurant("olive", GateRule::None).await;
            let before = node.scan(&fixture, 0).await;
            let rotate = |fixture: &Fixture| Command::RotateCode(TableOnly { table: fixture.tables[0].id });
            let waiter = node.staff(&fixture, Role::Waiter).await;
            assert_eq!(node.refuses(&fixture, &waiter, rotate(&fixture)).await, Code::Forbidden);
            let manager = node.staff(&fixture, Role::Manager).await;
            node.does(&fixture, &manager, rotate(&fixture)).await;
            assert_eq!(node.refuses(&fixture, &Actor::System, join(&fixture, 0)).await, Code::OldCode);
            node.scan(&fixture, 1).await;
            assert!(!fries(&node, &fixture, &before).await.held, "who sits there orders on");
            // In the very batch that rotates, too.
            fixture.tables[0].code_version = 2;
            let batch = [join(&fixture, 0), rotate(&fixture), join(&fixture, 0)];
            let wishes = batch.map(|command| wish(&fixture, &Actor::System, command)).to_vec();
            let mut answers = node.batch(wishes).await;
            assert_eq!(refused(answers.remove(2)).code, Code::OldCode);
            let joined = accepted(answers.remove(0));
            assert_eq!(joined.seating.map(|seating| seating.id), Some(seating_of(&before)), "the new code joins");
            assert!(matches!(answers[0], Answer::Accepted(_)));
            fixture.tables[0].code_version = 3;
            node.scan(&fixture, 0).await;
            fixture.tables[0].code_version = 1;
            let history = assert_rows_are_the_feed(&node, &fixture).await;
            assert_eq!(count(&history, Kind::TableChanged), 2);
        });
    }
}
