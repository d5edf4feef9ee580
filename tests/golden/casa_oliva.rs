//! The restaurant of the samples, with fixed ids and times: table T3, one guest, one order, made and moved by
//! the domain itself, so that no sample shows what cannot be.

use comanda::domain::command::*;
use comanda::domain::decide::{Change, Context, decide};
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::*;
use comanda::domain::menu::*;
use comanda::domain::money::{Charges, Currency};
use comanda::domain::order::{Channel, Expected, ExpectedOrder, Order, OrderKind, OrderState, Seen, Unseen};
use comanda::domain::ordering::{Placement, place, price};
use comanda::domain::people::{Actor, By, Role, Screen};
use comanda::domain::restaurant::*;
use comanda::domain::seating::Seating;
use comanda::domain::takeaway::Pickup;
use comanda::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// 2026-01-31T19:02:11.480Z
pub const AT: Timestamp = Timestamp(1_769_886_131_480_000);
pub const SLUG: &str = "casa-oliva";

/// Ids that can be told apart by eye: what it is, and which one.
const fn id(what: u128, n: u128) -> Uuid {
    Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0000 | what << 16 | n)
}

pub const RESTAURANT: RestaurantId = RestaurantId(id(0x0e, 1));
pub const EPOCH: Epoch = Epoch(id(0xe0, 1));
pub const GRILL: StationId = StationId(id(0x57, 1));
pub const BAR: StationId = StationId(id(0x57, 2));
pub const RIBEYE: ItemId = ItemId(id(0x17, 1));
pub const LEMONADE: ItemId = ItemId(id(0x17, 2));
pub const MEDIUM_RARE: OptionId = OptionId(id(0x09, 1));
pub const TABLE: TableId = TableId(id(0x7a, 3));
pub const OTHER_TABLE: TableId = TableId(id(0x7a, 7));
pub const SEATING: SeatingId = SeatingId(id(0x5e, 1));
pub const GUEST: GuestId = GuestId(id(0x90, 1));
pub const USER: UserId = UserId(id(0xa0, 1));
pub const SESSION: SessionId = SessionId(id(0x5c, 1));
pub const SCREEN: ScreenId = ScreenId(id(0x5d, 1));
pub const ORDER: OrderId = OrderId(id(0x0d, 12));
pub const COMMAND: CommandId = CommandId(id(0xc0, 1));

pub fn line(n: u128) -> LineId {
    LineId(id(0x11, n))
}

pub fn later(seconds: u64) -> Timestamp {
    AT.plus(Duration::from_secs(seconds))
}

pub fn cook() -> Actor {
    Actor::Staff { user: USER, session: SESSION, role: Role::Kitchen, name: "Mateo".to_owned() }
}

/// Hangs over the grill.
pub fn screen() -> Screen {
    Screen {
        id: SCREEN,
        name: "Grill left".to_owned(),
        stations: vec![GRILL],
        version: 1,
        paired_at: AT,
        revoked_at: None,
    }
}

pub fn guest() -> Actor {
    Actor::Guest { guest: GUEST, seating: SEATING }
}

fn words(en: &str, es: &str) -> Localized {
    Localized(BTreeMap::from([("en".to_owned(), en.to_owned()), ("es".to_owned(), es.to_owned())]))
}

pub fn restaurant() -> Restaurant {
    let charges = Charges { tax_basis_points: 1000, tax_included: true, service_basis_points: 0 };
    Restaurant {
        id: RESTAURANT,
        slug: SLUG.to_owned(),
        name: "Casa Oliva".to_owned(),
        timezone: "Europe/Madrid".to_owned(),
        currency: Currency::try_from("EUR".to_owned()).expect("EUR"),
        locales: vec!["en".to_owned(), "es".to_owned()],
        settings: Settings { gate: GateRule::Seating, charges, ..Settings::default() },
    }
}

pub fn stations() -> Vec<Station> {
    vec![
        Station { id: GRILL, name: words("Grill", "Brasa"), position: 1 },
        Station { id: BAR, name: words("Bar", "Barra"), position: 2 },
    ]
}

pub fn table() -> Table {
    Table {
        id: TABLE,
        label: "T3".to_owned(),
        area: "Terrace".to_owned(),
        seats: 4,
        code_version: 1,
        position: 3,
        version: 1,
    }
}

pub fn menu() -> Menu {
    let medium_rare = MenuOption {
        id: MEDIUM_RARE,
        name: words("Medium rare", "Al punto"),
        price: 0,
        available: true,
        allergens: BTreeMap::new(),
    };
    let doneness = OptionGroup {
        id: OptionGroupId(id(0x06, 1)),
        name: words("How would you like it?", "¿Cómo lo quiere?"),
        min: 1,
        max: 1,
        options: vec![medium_rare],
    };
    let ribeye = item(RIBEYE, words("Ribeye", "Chuletón"), 2400, GRILL);
    let allergens = BTreeMap::from([("milk".to_owned(), Presence::Contains), ("gluten".to_owned(), Presence::Safe)]);
    let ribeye = Item { option_groups: vec![doneness], preparation_minutes: 18, allergens, ..ribeye };
    let lemonade = item(LEMONADE, words("Lemonade", "Limonada"), 350, BAR);
    let lemonade = Item { stock: Some(11), diets: vec!["vegan".to_owned()], ..lemonade };
    let category = Category { id: CategoryId(id(0xca, 1)), name: words("All", "Todo"), items: vec![ribeye, lemonade] };
    Menu { version: 7, restaurant: restaurant(), stations: stations(), categories: vec![category] }
}

fn item(id: ItemId, name: Localized, price: i64, station: StationId) -> Item {
    Item {
        id,
        description: words("", ""),
        name,
        kitchen_name: None,
        price,
        allergens: BTreeMap::new(),
        diets: Vec::new(),
        preparation_minutes: 0,
        stations: vec![station],
        option_groups: Vec::new(),
        available: true,
        stock: None,
        picture: None,
        version: 1,
    }
}

/// What the guest sends: a ribeye and two lemonades.
pub fn draft() -> Draft {
    Draft {
        kind: OrderKind::DineIn,
        lines: vec![
            DraftLine { item: RIBEYE, quantity: 1, options: vec![MEDIUM_RARE], note: Some("no salt".to_owned()) },
            DraftLine { item: LEMONADE, quantity: 2, options: Vec::new(), note: None },
        ],
        note: None,
        allergy: Some("nuts".to_owned()),
        contact: Some(Contact::phone("+34600111222", Channel::Whatsapp)),
        expected_total: Some(3100),
        pickup_at: None,
        table: None,
    }
}

pub fn seating() -> Seating {
    let opened = Seating::opened(SEATING, table().reference(), GateRule::Seating, &guest(), later(0));
    Seating { version: 1, ..opened.joined(GUEST).expect("there is room") }
}

/// An order for later, as it waits.
pub fn scheduled() -> Order {
    let pickup = Some(Pickup { at: later(3 * 3600), start_at: Some(later(9600)) });
    let waiting = OrderState::Pending;
    let (pickup_at, start_at) = (pickup.map(|p| p.at), pickup.and_then(|p| p.start_at));
    let kind = OrderKind::Takeaway;
    Order { kind, state: waiting, confirmed_at: None, table: None, seating: None, pickup_at, start_at, ..order() }
}

fn placed(held: bool) -> Order {
    let menu = menu();
    let mut lines = 0;
    let priced = price(&menu, &draft(), || {
        lines += 1;
        line(lines).0
    });
    let placement = Placement {
        order: ORDER,
        number: 12,
        table: Some(table().reference()),
        seating: Some(SEATING),
        guest: Some(GUEST),
        by: By::Guest { guest: GUEST },
        held,
        pickup: None,
        at: AT,
    };
    place(&menu, &draft(), priced.expect("it is on the menu"), placement).expect("it is small")
}

/// The order at version 1, as the kitchen gets it.
pub fn order() -> Order {
    let expected = Expected { from: later(780), to: later(1080), at: AT, before: 2 };
    Order { expected: Some(expected), ..placed(false) }
}

/// The same order at the gate.
pub fn held_order() -> Order {
    placed(true)
}

/// The order after commands of the cook, a minute apart; the last change.
pub fn changed(order: &Order, commands: &[Command]) -> Change {
    let mut now = order.clone();
    let mut last = None;
    for (command, minute) in commands.iter().zip(1..) {
        let context = Context { actor: &cook(), at: later(60 * minute), base_version: None };
        let change = decide(&now, command, context).expect("it may be done").expect("it changes something");
        now = change.order.clone();
        last = Some(change);
    }
    last.expect("there is a command")
}

pub fn confirm_allergy() -> Command {
    Command::ConfirmAllergy(OrderRef { order: ORDER })
}

pub fn bump() -> Command {
    Command::BumpOrder(OrderAtStations { order: ORDER, stations: Vec::new() })
}

pub fn item_state() -> ItemState {
    ItemState {
        id: LEMONADE,
        name: words("Lemonade", "Limonada"),
        price: 350,
        available: false,
        stock: Some(0),
        version: 4,
        menu_version: 8,
    }
}

pub fn seen() -> Seen {
    Seen { order: ORDER, seating: Some(SEATING), at: later(2) }
}

/// It goes slower than was thought.
pub fn expected() -> ExpectedOrder {
    let expected = Expected { from: later(1020), to: later(1320), at: later(60), before: 1 };
    ExpectedOrder { order: ORDER, seating: Some(SEATING), expected }
}

pub fn unseen() -> Unseen {
    Unseen { order: ORDER, number: 12, table: Some(table().reference()), stations: vec![BAR], nth: 1, since: AT }
}

/// An event with the feed's number 841.
pub fn event(kind: Kind, by: &Actor, state: State) -> Event {
    Event { restaurant: RESTAURANT, epoch: EPOCH, seq: 841, at: later(60), kind, by: by.by(), command: COMMAND, state }
}
