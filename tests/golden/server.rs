//! What the server says on the socket: answers, events on every topic they go to, snapshots, refusals of every
//! shape, and the reasons with which it closes.

use super::casa_oliva::*;
use super::files::{Sample, sample};
use comanda::domain::command::*;
use comanda::domain::decide::{self, Context, decide, release};
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::Cursor;
use comanda::domain::message::{Channels, MessageKind, Messages, MessagesState, Told, ToldState};
use comanda::domain::order::{Channel, Order};
use comanda::domain::ordering::{not_enough, price};
use comanda::domain::people::{Role, Screen};
use comanda::domain::refusal::{Code, Refusal};
use comanda::domain::restaurant::TableRef;
use comanda::domain::seating::CallReason;
use comanda::domain::takeaway::{Slot, TakeawayState};
use comanda::domain::topic::{Audience, Topic};
use comanda::protocol::PROTOCOL;
use comanda::protocol::client::TopicName;
use comanda::protocol::close::Close;
use comanda::protocol::server::*;
use comanda::protocol::snapshot::*;
use comanda::protocol::view::GuestOrder;
use std::collections::BTreeMap;
use uuid::Uuid;

pub fn samples() -> Vec<Sample> {
    let mut samples = answers();
    samples.extend(snapshots());
    samples.extend(events().iter().flat_map(on_every_topic));
    samples.extend(refusals().into_iter().map(|(name, refusal, audience)| {
        let refused = ServerMessage::Refused(Refused::new(COMMAND, refusal, audience));
        sample(&format!("server.refused.{name}"), &refused)
    }));
    samples.extend(closes());
    samples
}

fn answers() -> Vec<Sample> {
    let staff = Who::Staff { session: SESSION, staff_role: Role::Kitchen, name: "Mateo".to_owned() };
    let welcome = |session: Uuid, who: Who| {
        let session = session.to_string();
        ServerMessage::Welcome { session, who, restaurant: RESTAURANT, protocol: PROTOCOL, at: AT }
    };
    let head = Head { last: 841, upto: Cursor { epoch: EPOCH, seq: 845 } };
    let message = "the database did not answer in time".to_owned();
    let error = ServerMessage::Error {
        code: "forbidden".to_owned(),
        message: "the topic `floor` is not for this token".to_owned(),
    };
    let guest = Who::Guest { guest: GUEST, seating: SEATING };
    let paired = Who::Screen { session: SESSION, screen: SCREEN, name: "Grill left".to_owned() };
    vec![
        sample("server.welcome.staff", &welcome(SESSION.0, staff)),
        sample("server.welcome.screen", &welcome(SESSION.0, paired)),
        sample("server.welcome.takeaway", &welcome(GUEST.0, Who::Takeaway { guest: GUEST })),
        sample("server.welcome.guest", &welcome(SEATING.0, guest)),
        sample("server.subscribed.replay", &subscribed(TopicName::Kitchen, 812, None, None)),
        sample("server.ok", &ServerMessage::Ok { id: COMMAND, seq: 842 }),
        sample("server.not_tried", &ServerMessage::NotTried { id: COMMAND, retry_ms: 1000, message }),
        sample("server.beat", &ServerMessage::Beat { at: AT, topics: BTreeMap::from([("kitchen".to_owned(), head)]) }),
        sample("server.resync", &ServerMessage::Resync { topic: TopicName::Kitchen }),
        sample("server.renewed", &ServerMessage::Renewed { until: later(900) }),
        sample("server.error", &error),
    ]
}

fn subscribed(
    topic: TopicName,
    seq: i64,
    snapshot: Option<serde_json::Value>,
    part: Option<(u32, u32)>,
) -> ServerMessage {
    let (part, parts) = part.unzip();
    let head = if snapshot.is_some() { seq } else { 840 };
    ServerMessage::Subscribed(Subscribed { topic, epoch: EPOCH, seq, head, snapshot, part, parts })
}

/// Each topic's snapshot, and the kitchen's in two parts.
fn snapshots() -> Vec<Sample> {
    let guest_order = || vec![GuestOrder::from(&order())];
    let kitchen =
        |orders| Snapshot::Kitchen(KitchenSnapshot { restaurant: restaurant(), stations: stations(), orders });
    let floor = Snapshot::Floor(FloorSnapshot {
        restaurant: restaurant(),
        stations: stations(),
        tables: vec![table()],
        seatings: vec![seating()],
        orders: vec![order()],
        seen: vec![seen()],
    });
    let table = Snapshot::Table(TableSnapshot {
        restaurant: restaurant(),
        seating: seating(),
        menu_version: 7,
        orders: guest_order(),
        seen: vec![seen()],
    });
    let one = Snapshot::Order(OrderSnapshot { restaurant: restaurant(), orders: guest_order(), seen: Vec::new() });
    let whole = |name: &str, topic: TopicName, snapshot: Snapshot| {
        let parts = snapshot.parts();
        assert_eq!(parts.len(), 1, "a small snapshot is one part");
        let part = parts.into_iter().next();
        sample(&format!("server.subscribed.{name}"), &subscribed(topic, 840, part, Some((1, 1))))
    };
    let part = |n: u32, orders| {
        let snapshot = kitchen(orders).parts().into_iter().next();
        sample(&format!("server.subscribed.part{n}"), &subscribed(TopicName::Kitchen, 840, snapshot, Some((n, 2))))
    };
    vec![
        whole("kitchen", TopicName::Kitchen, kitchen(vec![order()])),
        whole("floor", TopicName::Floor, floor),
        whole("table", TopicName::Table, table),
        whole("order", TopicName::Order(ORDER), one),
        part(1, vec![order()]),
        part(2, vec![Order { id: second_order(), number: 13, ..order() }]),
    ]
}

fn second_order() -> comanda::domain::ids::OrderId {
    comanda::domain::ids::OrderId(Uuid::from_u128(ORDER.0.as_u128() + 1))
}

/// One event of every kind.
fn events() -> Vec<Event> {
    let of = |order: Order| State::Order { order: Box::new(order) };
    let done = Command::FinishLine(LineAtStation { order: ORDER, line: line(1), station: None });
    let start = Command::StartLine(LineAtStation { order: ORDER, line: line(1), station: None });
    let recall = Command::RecallLine(RecallLine { order: ORDER, line: line(1), station: None, to: RecallTo::Queued });
    let back = Command::RecallOrder(Recall { order: ORDER, stations: vec![], lines: vec![], to: RecallTo::Started });
    let void = Command::VoidLine(VoidLine { order: ORDER, line: line(2), reason: "Sold out.".to_owned() });
    let cancel = Command::CancelOrder(CancelOrder { order: ORDER, reason: Some("The grill is out.".to_owned()) });
    let complete = Command::CompleteOrder(OrderRef { order: ORDER });
    let confirm = Command::ConfirmOrder(OrderRef { order: ORDER });
    let rush = Command::RushOrder(RushOrder { order: ORDER, rush: true });
    let hold = Command::HoldLine(LineRef { order: ORDER, line: line(1) });
    let fire = Command::FireLine(LineRef { order: ORDER, line: line(1) });
    let transfer = Command::MoveLine(MoveLine { order: ORDER, line: line(1), from: GRILL, to: BAR });
    let remake = Command::RemakeLine(LineAtStation { order: ORDER, line: line(1), station: Some(GRILL) });
    let reopen = Command::ReopenOrder(OrderRef { order: ORDER });
    let seeing = confirm_allergy();
    let pending = release(&held_order(), false, later(30));
    let plays: Vec<(Order, Vec<Command>)> = vec![
        (order(), vec![seeing.clone()]),
        (pending, vec![confirm]),
        (order(), vec![seeing.clone(), start.clone()]),
        (order(), vec![seeing.clone(), start, done.clone()]),
        (order(), vec![seeing.clone(), done, recall]),
        (order(), vec![void]),
        (order(), vec![seeing.clone(), bump()]),
        (order(), vec![seeing.clone(), bump(), back]),
        (order(), vec![seeing.clone(), bump(), remake]),
        (order(), vec![seeing.clone(), bump(), complete.clone(), reopen]),
        (order(), vec![hold.clone()]),
        (order(), vec![hold, fire]),
        (order(), vec![transfer]),
        (order(), vec![seeing, bump(), complete]),
        (order(), vec![rush]),
        (order(), vec![cancel]),
    ];
    let play = |(order, commands): &(Order, Vec<Command>)| {
        let change = changed(order, commands);
        Event { at: later(60 * commands.len() as u64), ..event(change.kind, &cook(), of(change.order)) }
    };
    let mut events: Vec<Event> = plays.iter().map(play).collect();
    events.push(Event { at: AT, ..event(Kind::OrderPlaced, &guest(), of(order())) });
    events.push(event(Kind::OrderReleased, &cook(), of(release(&held_order(), true, later(60)))));
    events.extend(others());
    events
}

/// The order, whose guest was told that it is accepted.
fn told() -> Order {
    let told =
        Told { what: MessageKind::Accepted, channel: Channel::Whatsapp, state: ToldState::Delivered, at: later(30) };
    Order { version: 2, told: Some(told), ..order() }
}

fn others() -> Vec<Event> {
    let seated = |seating| State::Seating { seating };
    let released = seating().with_gate_open(None).expect("open").expect("it was closed");
    let closed = released.closed(0, false, later(60)).expect("no orders").expect("it was open");
    let code = comanda::domain::restaurant::Table { code_version: 2, version: 2, ..table() };
    let second = comanda::domain::ids::GuestId(Uuid::from_u128(GUEST.0.as_u128() + 1));
    let joined = seating().joined(second).expect("there is room");
    let system = comanda::domain::people::Actor::System;
    let renamed = Screen { name: "Grill right".to_owned(), version: 2, ..screen() };
    let revoked = Screen { revoked_at: Some(later(60)), version: 2, ..screen() };
    let sms = Channels { whatsapp: false, ..Channels::default() };
    let fewer = Messages { received: false, channels: sms, ..Messages::default() };
    let fewer = MessagesState { messages: fewer, menu_version: 9 };
    let paused = TakeawayState { paused_until: Some(later(9 * 3600)), menu_version: 8 };
    let terrace = TableRef { id: OTHER_TABLE, label: "T7".to_owned() };
    let moved = seating().moved(terrace.clone()).expect("open").expect("another table");
    let pause = std::time::Duration::from_secs(120);
    let called = seating().called(CallReason::Bill, GUEST, pause, later(60)).expect("open").expect("the first call");
    let coming = called.call_coming(CallReason::Bill, later(90)).expect("called").expect("the first to go");
    let seen_to = coming.call_done(CallReason::Bill, later(150)).expect("called").expect("it was not done");
    vec![
        event(Kind::OrdersSeen, &cook(), State::Seen { seen: vec![seen()] }),
        event(Kind::OrdersExpected, &cook(), State::Expected { expected: vec![expected()] }),
        event(Kind::OrderUnseen, &system, State::Unseen { unseen: unseen() }),
        event(Kind::OrderTold, &system, State::Order { order: Box::new(told()) }),
        event(Kind::SeatingOpened, &system, seated(seating())),
        event(Kind::SeatingJoined, &system, seated(joined)),
        event(Kind::SeatingReleased, &cook(), seated(released)),
        event(Kind::SeatingClosed, &cook(), seated(closed)),
        event(Kind::SeatingMoved, &cook(), seated(moved)),
        event(Kind::OrderMoved, &cook(), State::Order { order: Box::new(decide::moved(&order(), terrace)) }),
        event(Kind::SeatingCalled, &guest(), seated(called)),
        event(Kind::CallComing, &cook(), seated(coming)),
        event(Kind::CallDone, &cook(), seated(seen_to)),
        event(Kind::ItemChanged, &cook(), State::Item { item: item_state() }),
        event(Kind::TableChanged, &cook(), State::Table { table: code }),
        event(Kind::TakeawayChanged, &cook(), State::Takeaway { takeaway: paused }),
        event(Kind::MessagesChanged, &cook(), State::Messages { messages: fewer }),
        event(Kind::ScreenPaired, &cook(), State::Screen { screen: screen() }),
        event(Kind::ScreenChanged, &cook(), State::Screen { screen: renamed }),
        event(Kind::ScreenRevoked, &cook(), State::Screen { screen: revoked }),
    ]
}

/// The bytes that screens and phones get, by the very functions that make them.
fn on_every_topic(event: &Event) -> Vec<Sample> {
    let topics = [Topic::Kitchen, Topic::Floor, Topic::Table(SEATING), Topic::Order(ORDER)];
    let taking = topics.into_iter().filter(|topic| topic.takes(event));
    taking
        .map(|topic| {
            let name = name_of(topic);
            let short = name.to_string();
            let short = short.split(':').next().unwrap_or_default().to_owned();
            let bytes = event_message(name, event.seq, 840, &event_body(event, topic));
            (format!("server.event.{}.{short}", event.kind.name()), bytes)
        })
        .collect()
}

fn slot_taken() -> Refusal {
    let slots = vec![Slot { at: later(3600) }, Slot { at: later(4500) }];
    Refusal { slots, ..Refusal::new(Code::SlotTaken, "This time is taken by now. Choose another one.") }
}

/// Refusals of every shape, made by whoever refuses.
pub fn refusals() -> Vec<(&'static str, Refusal, Audience)> {
    let now = changed(&order(), &[confirm_allergy(), bump()]).order;
    let recalled =
        Command::RecallOrder(Recall { order: ORDER, stations: vec![], lines: vec![], to: RecallTo::Started });
    let recalled = changed(&now, &[recalled]).order;
    let refuse = |order: &Order, command: &Command, actor: &comanda::domain::people::Actor| {
        decide(order, command, Context { actor, at: later(600), base_version: Some(1) }).expect_err("it is refused")
    };
    let done = Command::FinishLine(LineAtStation { order: ORDER, line: line(1), station: Some(GRILL) });
    let cancel = Command::CancelOrder(CancelOrder { order: ORDER, reason: None });
    let mut wrong = draft();
    wrong.lines[1].quantity = 100;
    wrong.note = Some("n".repeat(501));
    let wrong = Command::PlaceOrder(Box::new(wrong)).check().expect_err("it is wrong");
    let unknown = Command::parse("line.frobnicate", serde_json::json!({})).expect_err("it is unknown");
    vec![
        ("unknown_command", unknown, Audience::Staff),
        ("changed", refuse(&recalled, &done, &cook()), Audience::Staff),
        ("too_late", refuse(&now, &cancel, &guest()), Audience::Guest),
        ("invalid", wrong, Audience::Staff),
        ("unavailable", unavailable(), Audience::Guest),
        ("not_enough", not_enough(&order().lines, &BTreeMap::from([(LEMONADE, 1)])), Audience::Guest),
        ("total_changed", total_changed(), Audience::Guest),
        ("slot_taken", slot_taken(), Audience::Guest),
        (
            "wrong_pin",
            Refusal::new(Code::WrongPin, "That is not this table's PIN. Ask the staff for it."),
            Audience::Guest,
        ),
    ]
}

fn unavailable() -> Refusal {
    let mut menu = menu();
    menu.categories[0].items[1].available = false;
    let mut draft = draft();
    draft.lines[0].options.clear();
    price(&menu, &draft, Uuid::nil).expect_err("it cannot be ordered")
}

fn total_changed() -> Refusal {
    price(&menu(), &Draft { expected_total: Some(2950), ..draft() }, Uuid::nil).expect_err("it costs more")
}

/// The reasons, with the shortest wait.
fn closes() -> Vec<Sample> {
    Close::ALL.iter().map(|close| (format!("close.{}", close.word()), close.reason(0).into_bytes())).collect()
}

/// `session.revoked` ends connections, and `staff.changed` is for the record: no topic is told of them.
#[test]
fn there_is_a_sample_of_every_kind_of_event() {
    let events = events();
    let untold = [Kind::SessionRevoked, Kind::StaffChanged];
    for kind in Kind::ALL.iter().filter(|kind| !untold.contains(kind)) {
        assert!(events.iter().any(|event| event.kind == *kind), "no sample of {}", kind.name());
    }
}

#[test]
fn every_refusal_has_the_code_it_is_named_after() {
    for (name, refusal, _) in refusals() {
        let code = if name == "not_enough" { "unavailable" } else { name };
        assert_eq!(refusal.code.name(), code);
    }
}
