//! Values as nobody would write them: any Unicode, any number, any JSON. For what must survive everything.

use super::making::{OTHER, OWN, SEATING, station};
use super::play::played;
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::*;
use comanda::domain::menu::{ItemState, Localized};
use comanda::domain::message::{Channels, Messages, MessagesState};
use comanda::domain::money::Totals;
use comanda::domain::order::{Expected, ExpectedOrder, Line, Order, Seen, Unseen};
use comanda::domain::people::{By, Member, Role, Screen};
use comanda::domain::restaurant::{GateRule, Table, TableRef};
use comanda::domain::seating::{Guest, Seating};
use comanda::domain::takeaway::TakeawayState;
use comanda::domain::time::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value};
use uuid::Uuid;

pub const OTHER_SEATING: SeatingId = SeatingId(Uuid::from_u128(0x5ea8));

/// Any characters, and those that have broken something somewhere.
pub fn text() -> impl Strategy<Value = String> {
    let broken = prop::sample::select(vec![
        "\0",
        "\u{2028}\u{2029}",
        "</script>",
        "👩‍🍳🏳️‍🌈",
        "\u{202e}gnirts",
        "\\u0000\"\\",
        "\u{feff}",
        "\u{10ffff}",
        "e\u{301}",
        "\r\n\t",
    ]);
    prop_oneof![
        3 => vec(any::<char>(), 0..12).prop_map(String::from_iter),
        1 => broken.prop_map(str::to_owned),
    ]
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn localized() -> impl Strategy<Value = Localized> {
    btree_map(text(), text(), 0..4).prop_map(Localized)
}

/// All that can be written as RFC 3339.
pub fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-377_705_023_201_000_000i64..=253_402_207_200_999_999).prop_map(Timestamp),
        (0i64..2_000_000_000_000).prop_map(|ms| Timestamp(ms * 1000)),
    ]
}

fn line_texts() -> impl Strategy<Value = (Localized, Option<String>, Option<String>, Option<String>, Localized)> {
    (localized(), maybe(), maybe(), maybe(), localized())
}

fn with_texts(mut line: Line, texts: (Localized, Option<String>, Option<String>, Option<String>, Localized)) -> Line {
    let (name, kitchen_name, note, void_reason, option) = texts;
    for chosen in &mut line.options {
        chosen.name = option.clone();
    }
    Line { name, kitchen_name, note, void_reason, ..line }
}

/// An order in some state, with texts, times and sums that nothing has checked.
pub fn order() -> impl Strategy<Value = Order> {
    let texts = (maybe(), maybe(), maybe(), text(), by());
    let numbers = (any::<i64>(), any::<i64>(), any::<i64>());
    let lines = vec(line_texts(), 6);
    (played(), texts, numbers, (time(), prop::option::of(time())), lines).prop_map(
        |(steps, (note, allergy, cancel_reason, label, placed_by), (number, subtotal, tax), (due_at, at), lines)| {
            let order = steps.last().expect("a play has steps").after().clone();
            let made = order.lines.into_iter().zip(lines).map(|(line, texts)| with_texts(line, texts)).collect();
            let table = Some(TableRef { id: TableId(Uuid::from_u128(3)), label });
            let totals = Totals { subtotal, tax, ..order.totals };
            let plain = Order { lines: made, ..order };
            Order { note, allergy, cancel_reason, placed_by, number, totals, due_at, completed_at: at, table, ..plain }
        },
    )
}

pub fn by() -> impl Strategy<Value = By> {
    let staff = text().prop_map(|name| By::Staff { user: UserId(Uuid::from_u128(4)), name });
    let screen = text().prop_map(|name| By::Screen { screen: ScreenId(Uuid::from_u128(9)), name });
    prop_oneof![Just(By::Guest { guest: OWN }), staff, screen, Just(By::System)]
}

pub fn seating() -> impl Strategy<Value = Seating> {
    let guests = vec((any::<i64>(), any::<bool>()), 0..3);
    let id = prop_oneof![Just(SEATING), Just(OTHER_SEATING)];
    (id, text(), prop::sample::select(GateRule::ALL), any::<bool>(), guests, prop::option::of(time()), time()).prop_map(
        |(id, label, gate, released, guests, closed_at, opened_at)| Seating {
            id,
            table: TableRef { id: TableId(Uuid::from_u128(5)), label },
            version: 3,
            gate,
            released,
            guests: guests
                .into_iter()
                .map(|(number, released)| Guest { id: if released { OWN } else { OTHER }, number, released })
                .collect(),
            calls: Vec::new(),
            opened_at,
            closed_at,
        },
    )
}

fn seen() -> impl Strategy<Value = Seen> {
    let seating = prop_oneof![Just(None), Just(Some(SEATING)), Just(Some(OTHER_SEATING))];
    (1u128..4, seating, time()).prop_map(|(n, seating, at)| Seen { order: OrderId(Uuid::from_u128(n)), seating, at })
}

fn expected() -> impl Strategy<Value = ExpectedOrder> {
    (seen(), time(), time(), 0u8..5).prop_map(|(seen, from, to, before)| ExpectedOrder {
        order: seen.order,
        seating: seen.seating,
        expected: Expected { from, to, at: seen.at, before },
    })
}

fn item() -> impl Strategy<Value = ItemState> {
    (localized(), any::<i64>(), any::<bool>(), prop::option::of(any::<i64>())).prop_map(
        |(name, price, available, stock)| ItemState {
            id: ItemId(Uuid::from_u128(6)),
            name,
            price,
            available,
            stock,
            version: 2,
            menu_version: 9,
        },
    )
}

/// Whatever an event can carry.
pub fn state() -> impl Strategy<Value = State> {
    let unseen = (time(), 0usize..3, any::<i64>()).prop_map(|(since, stations, nth)| Unseen {
        order: OrderId(Uuid::from_u128(1)),
        number: 1,
        table: None,
        stations: (0..stations).map(station).collect(),
        nth,
        since,
    });
    let table = (text(), text()).prop_map(|(label, area)| Table {
        id: TableId(Uuid::from_u128(7)),
        label,
        area,
        seats: 4,
        code_version: 1,
        position: 1,
        version: 1,
    });
    let screen = (text(), prop::option::of(time())).prop_map(|(name, revoked_at)| Screen {
        id: ScreenId(Uuid::from_u128(9)),
        name,
        stations: vec![station(1)],
        version: 1,
        paired_at: super::making::NOON,
        revoked_at,
    });
    let member = prop::option::of(time()).prop_map(|removed_at| Member {
        user: UserId(Uuid::from_u128(4)),
        role: Role::Waiter,
        version: 1,
        removed_at,
    });
    prop_oneof![
        4 => order().prop_map(|order| State::Order { order: Box::new(order) }),
        2 => vec(seen(), 0..4).prop_map(|seen| State::Seen { seen }),
        1 => unseen.prop_map(|unseen| State::Unseen { unseen }),
        1 => vec(expected(), 0..4).prop_map(|expected| State::Expected { expected }),
        2 => seating().prop_map(|seating| State::Seating { seating }),
        1 => item().prop_map(|item| State::Item { item }),
        1 => table.prop_map(|table| State::Table { table }),
        1 => Just(State::Session { session: SessionId(Uuid::from_u128(8)) }),
        1 => screen.prop_map(|screen| State::Screen { screen }),
        1 => (prop::option::of(time()), 1i64..99)
            .prop_map(|(paused_until, menu_version)| TakeawayState { paused_until, menu_version })
            .prop_map(|takeaway| State::Takeaway { takeaway }),
        1 => (any::<[bool; 5]>(), 1i64..99).prop_map(|([received, ready, sms, push, email], menu_version)| {
            let channels = Channels { sms, push, email, ..Channels::default() };
            let messages = Messages { received, ready, channels, ..Messages::default() };
            State::Messages { messages: MessagesState { messages, menu_version } }
        }),
        1 => member.prop_map(|member| State::Member { member }),
    ]
}

pub fn event() -> impl Strategy<Value = Event> {
    (state(), by(), prop::sample::select(Kind::ALL)).prop_map(|(state, by, kind)| Event {
        restaurant: RestaurantId(Uuid::from_u128(1)),
        epoch: Epoch(Uuid::from_u128(2)),
        seq: 41,
        at: super::making::NOON,
        kind,
        by,
        command: CommandId(Uuid::from_u128(3)),
        state,
    })
}

/// Any JSON, with the field names that the protocol knows among the others.
pub fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        text().prop_map(Value::from),
        any::<u128>().prop_map(|id| Value::from(Uuid::from_u128(id).to_string())),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key(), inner), 0..6).prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

pub fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "op",
        "id",
        "name",
        "args",
        "order",
        "line",
        "station",
        "stations",
        "lines",
        "to",
        "reason",
        "rush",
        "seating",
        "guest",
        "pin",
        "force",
        "item",
        "available",
        "stock",
        "table",
        "session",
        "seq",
        "topic",
        "after",
        "epoch",
        "token",
        "protocol",
        "base_version",
        "nth",
        "kind",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => text()]
}
