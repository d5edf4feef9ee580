//! The edge: what is good survives the wire unchanged, and whatever else comes is refused, never a panic.

use super::making::cases;
use super::play::{command, wish};
use super::wild::{json, key, order, state, text, time};
use comanda::domain::command::*;
use comanda::domain::event::{Kind, State};
use comanda::domain::ids::*;
use comanda::domain::limits;
use comanda::domain::order::{Order, OrderState};
use comanda::domain::refusal::Code;
use comanda::domain::time::Timestamp;
use comanda::protocol::client::{ClientMessage, TopicName};
use comanda::protocol::view::GuestOrder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use uuid::Uuid;

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

/// A good command of every name that clients may send.
fn good_command() -> impl Strategy<Value = Command> {
    let about_orders = (super::making::placed(false), wish()).prop_map(|(order, wish)| command(&order, &wish));
    let close = |(id, force)| Command::CloseSeating(CloseSeating { seating: SeatingId(id), force });
    prop_oneof![
        10 => about_orders,
        1 => id().prop_map(|id| Command::OpenSeating(TableOnly { table: TableId(id) })),
        1 => id().prop_map(|id| Command::RotateCode(TableOnly { table: TableId(id) })),
        1 => id().prop_map(|id| Command::RevokeSession(RevokeSession { session: SessionId(id) })),
        1 => "[0-9]{0,12}".prop_map(|pin| Command::GivePin(GivePin { pin })),
        1 => (id(), prop::option::of(id())).prop_map(|(seating, guest)| Command::ReleaseSeating(ReleaseSeating {
            seating: SeatingId(seating),
            guest: guest.map(GuestId),
        })),
        1 => (id(), any::<bool>()).prop_map(close),
        1 => (id(), any::<bool>(), prop::option::of(0..=limits::STOCK)).prop_map(|(id, available, stock)| {
            Command::SetItem(SetItem { item: ItemId(id), available, stock })
        }),
    ]
}

/// Messages as clients send them.
fn good_message() -> impl Strategy<Value = Value> {
    let cursor = json!({ "epoch": Uuid::from_u128(2), "seq": 812 });
    let order = format!("order:{}", Uuid::from_u128(3));
    let fixed = prop::sample::select(vec![
        json!({ "op": "hello", "token": "t", "protocol": 1 }),
        json!({ "op": "subscribe", "topic": "kitchen" }),
        json!({ "op": "subscribe", "topic": order, "after": cursor }),
        json!({ "op": "unsubscribe", "topic": "floor" }),
        json!({ "op": "shown", "topic": "kitchen", "seq": 4, "stations": [Uuid::from_u128(5)] }),
        json!({ "op": "renew", "token": "t" }),
    ]);
    let command = (good_command(), id(), prop::option::of(1i64..9)).prop_map(|(command, id, base)| {
        let mut message = json!({ "op": "command", "id": id, "base_version": base });
        let wire = serde_json::to_value(command).expect("a command is JSON");
        message["name"] = wire["name"].clone();
        message["args"] = wire["args"].clone();
        message
    });
    prop_oneof![fixed, command]
}

/// Puts `value` somewhere into `message`, in place of what was there or beside it.
fn spoiled(mut message: Value, at: Index, name: String, value: Value) -> Value {
    if let Value::Object(fields) = &mut message {
        let names: Vec<String> = fields.keys().cloned().collect();
        match at.index(names.len() + 2) {
            n if n < names.len() => fields.insert(names[n].clone(), value),
            n if n == names.len() => fields.insert(name, value),
            _ => fields.remove(&names[at.index(names.len())]),
        };
    }
    message
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn any_text_and_time_of_an_order_survives(order in order()) {
        let json = serde_json::to_string(&order).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Order>(&json).unwrap(), &order);
        let view = GuestOrder::from(&order);
        let json = serde_json::to_string(&view).unwrap();
        prop_assert_eq!(serde_json::from_str::<GuestOrder>(&json).unwrap(), view);
    }

    #[test]
    fn whatever_an_event_carries_survives(state in state()) {
        let json = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    }

    #[test]
    fn a_time_survives_to_the_microsecond(at in time()) {
        let json = serde_json::to_string(&at).unwrap();
        prop_assert!(json.ends_with("Z\""));
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), at);
    }

    #[test]
    fn a_good_command_is_understood_as_it_was_meant(command in good_command()) {
        let wire = serde_json::to_value(&command).unwrap();
        let name = wire["name"].as_str().unwrap();
        prop_assert!(WIRE_NAMES.contains(&name));
        prop_assert_eq!(Command::parse(name, wire["args"].clone()), Ok(command));
    }

    #[test]
    fn no_arguments_make_a_command_panic(name in prop::sample::select(WIRE_NAMES), args in json()) {
        if let Err(refusal) = Command::parse(name, args) {
            prop_assert_eq!(refusal.code, Code::Invalid);
            prop_assert!(!refusal.fields.is_empty());
        }
    }

    #[test]
    fn no_name_makes_a_command_panic(name in text(), args in json()) {
        let known = WIRE_NAMES.contains(&name.as_str());
        let refused = Command::parse(&name, args).map_err(|refusal| refusal.code);
        prop_assert!(known || refused == Err(Code::UnknownCommand));
    }

    #[test]
    fn no_text_makes_a_message_panic(text in text(), json in json()) {
        prop_assert!(serde_json::from_str::<ClientMessage>(&text).is_err());
        serde_json::from_value::<ClientMessage>(json).ok();
    }

    /// What is understood after all says itself again.
    #[test]
    fn no_spoiled_message_makes_it_panic(
        message in good_message(), at in any::<Index>(), name in key(), value in json(),
    ) {
        let spoiled = spoiled(message, at, name, value);
        if let Ok(understood) = serde_json::from_value::<ClientMessage>(spoiled) {
            let again = serde_json::to_string(&understood).unwrap();
            prop_assert_eq!(serde_json::from_str::<ClientMessage>(&again).unwrap(), understood);
        }
    }

    #[test]
    fn unknown_fields_are_ignored(message in good_message(), name in "x_[a-z]{1,5}", value in json()) {
        let plain: ClientMessage = serde_json::from_value(message.clone()).unwrap();
        let mut more = message;
        more[name] = value;
        prop_assert_eq!(serde_json::from_value::<ClientMessage>(more).unwrap(), plain);
    }

    #[test]
    fn an_unknown_op_is_refused(message in good_message(), op in "[a-z_]{0,9}") {
        let known = ["hello", "subscribe", "unsubscribe", "command", "shown", "renew"];
        prop_assume!(!known.contains(&op.as_str()));
        let mut message = message;
        message["op"] = Value::from(op);
        prop_assert!(serde_json::from_value::<ClientMessage>(message).is_err());
    }

    #[test]
    fn a_topics_name_is_read_as_it_is_written(id in id(), text in text()) {
        for topic in [TopicName::Kitchen, TopicName::Floor, TopicName::Table, TopicName::Order(OrderId(id))] {
            prop_assert_eq!(topic.to_string().parse::<TopicName>(), Ok(topic));
        }
        prop_assert!(text.parse::<TopicName>().is_err());
    }

    #[test]
    fn commands_name_every_field_out_of_its_bounds(
        stations in 0usize..40, lines in 0usize..70, stock in -5i64..=100_005, reason in 0usize..600,
    ) {
        let order = OrderId(Uuid::from_u128(1));
        let all = vec![StationId(Uuid::from_u128(2)); stations];
        let bump = Command::BumpOrder(OrderAtStations { order, stations: all.clone() });
        prop_assert_eq!(fields(&bump), if stations > 32 { vec!["stations"] } else { vec![] });
        let lines_named = vec![LineId(Uuid::from_u128(3)); lines];
        let recall = Command::RecallOrder(Recall { order, stations: all, lines: lines_named, to: RecallTo::Queued });
        let wrong = [(stations > 32, "stations"), (lines > 60, "lines")];
        prop_assert_eq!(fields(&recall), wrong.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect::<Vec<_>>());
        let set = Command::SetItem(SetItem { item: ItemId(Uuid::nil()), available: true, stock: Some(stock) });
        prop_assert_eq!(fields(&set), if (0..=100_000).contains(&stock) { vec![] } else { vec!["stock"] });
        let void = VoidLine { order, line: LineId(Uuid::nil()), reason: "r".repeat(reason) };
        let good = (1..=500).contains(&reason);
        prop_assert_eq!(fields(&Command::VoidLine(void)), if good { vec![] } else { vec!["reason"] });
    }

    #[test]
    fn the_first_wrong_field_does_not_hide_the_others(texts in vec(501usize..600, 2)) {
        let note = Some("n".repeat(texts[0]));
        let line = DraftLine { item: ItemId(Uuid::nil()), quantity: 0, options: Vec::new(), note };
        let draft = Draft { note: Some("\0".repeat(texts[1])), ..super::making::draft(vec![line]) };
        let named = fields(&Command::PlaceOrder(Box::new(draft)));
        prop_assert_eq!(named, vec!["note", "note", "lines[0].quantity", "lines[0].note"]);
    }
}

fn fields(command: &Command) -> Vec<String> {
    let refusal = command.check().err();
    refusal.into_iter().flat_map(|refusal| refusal.fields).map(|problem| problem.field).collect()
}

#[test]
fn a_name_that_clients_may_send_asks_for_arguments_and_others_are_unknown() {
    for name in WIRE_NAMES {
        assert_eq!(Command::parse(name, json!({})).unwrap_err().code, Code::Invalid, "{name}");
    }
    for name in ["order.place", "seating.join", "orders.shown", "order.alarm", "", "line.done "] {
        assert_eq!(Command::parse(name, json!({})).unwrap_err().code, Code::UnknownCommand, "{name}");
    }
}

#[test]
fn words_in_the_database_and_on_the_wire_are_one() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        assert_eq!(Kind::parse(kind.name()), Some(*kind));
    }
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        assert_eq!(Code::parse(code.name()), Some(*code));
    }
    for state in OrderState::ALL {
        assert_eq!(OrderState::parse(state.name()), Some(*state));
    }
}

/// U+0000 fits no database text, and half a surrogate pair fits no text at all.
#[test]
fn what_no_database_holds_is_refused_at_the_door() {
    let nul = json!({ "order": Uuid::nil(), "line": Uuid::nil(), "reason": "a\u{0}b" });
    assert_eq!(Command::parse("line.void", nul).unwrap_err().code, Code::Invalid);
    let half =
        r#"{"op":"command","id":"00000000-0000-0000-0000-000000000001","name":"line.void","args":{"reason":"\ud800"}}"#;
    assert!(serde_json::from_str::<ClientMessage>(half).is_err());
}
