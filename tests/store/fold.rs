//! The two proofs that replace many small tests: the events of a feed, folded from the first, are the rows of the
//! tables; and a snapshot with the events after it folded onto it is the snapshot fetched afresh (L5).

use super::node::Node;
use crate::harness::restaurant::Fixture;
use comanda::domain::event::{Event, Kind, State};
use comanda::domain::ids::*;
use comanda::domain::menu::ItemState;
use comanda::domain::order::{Order, OrderState};
use comanda::domain::restaurant::Table;
use comanda::domain::seating::Seating;
use comanda::domain::time::Timestamp;
use comanda::domain::topic::{Audience, Topic};
use comanda::protocol::snapshot::Snapshot;
use comanda::protocol::view::GuestOrder;
use comanda::store::orders::Find;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A stock is told from here down; above it only when it begins to be counted.
const TOLD_STOCK: i64 = 5;
/// A time at which no order of any test has left the shift yet.
const SHIFTS_BEGINNING: Timestamp = Timestamp(0);

/// What somebody knows who heard every event.
#[derive(Default)]
struct Folded {
    orders: BTreeMap<OrderId, Order>,
    /// The event that brought an order to the kitchen.
    released: BTreeMap<OrderId, (Seq, Timestamp)>,
    seatings: BTreeMap<SeatingId, Seating>,
    items: BTreeMap<ItemId, ItemState>,
    tables: BTreeMap<TableId, Table>,
    seen: BTreeMap<OrderId, Timestamp>,
    /// How often the menu moved.
    menu_moves: i64,
}

impl Folded {
    fn take(&mut self, event: &Event, before: &Fixture) {
        match &event.state {
            State::Order { order } => {
                let held = self.orders.insert(order.id, (**order).clone());
                assert_eq!(order.version, held.map_or(0, |held| held.version) + 1, "versions of order {}", order.id);
                if !order.held && order.start_at.is_none() && order.state != OrderState::Cancelled {
                    self.released.entry(order.id).or_insert((event.seq, event.at));
                }
            }
            State::Takeaway { .. } | State::Messages { .. } => self.menu_moves += 1,
            State::Seating { seating } => {
                let held = self.seatings.insert(seating.id, seating.clone());
                assert_eq!(seating.version, held.map_or(0, |s| s.version) + 1, "versions of seating {}", seating.id);
            }
            State::Item { item } => {
                self.menu_moves += 1;
                assert_eq!(item.menu_version, self.menu_moves + 1, "the menu moves by one with each item");
                let first = before.menu.item(item.id).expect("an item of the menu").version;
                let held = self.items.insert(item.id, item.clone());
                assert_eq!(item.version, held.map_or(first, |held| held.version) + 1, "versions of item {}", item.id);
            }
            State::Table { table } => {
                let first = before.tables.iter().find(|t| t.id == table.id).expect("a table").version;
                let held = self.tables.insert(table.id, table.clone());
                assert_eq!(table.version, held.map_or(first, |held| held.version) + 1);
            }
            State::Seen { seen } => {
                for one in seen {
                    assert!(self.seen.insert(one.order, one.at).is_none(), "order {} was seen twice", one.order);
                }
            }
            State::Expected { expected } => {
                for one in expected {
                    let order = self.orders.get_mut(&one.order).expect("an order that was told");
                    assert!(order.state.is_in_kitchen() && !order.held, "order {} is not in the kitchen", one.order);
                    order.expected = Some(one.expected);
                }
            }
            State::Unseen { .. } | State::Session { .. } | State::Screen { .. } | State::Member { .. } => {}
        }
    }
}

/// The feed is contiguous, `at` never goes back, versions are contiguous, numbers count from 1 each day, and
/// every row is what the events say. Answers the events.
pub async fn assert_rows_are_the_feed(node: &Node, fixture: &Fixture) -> Vec<Event> {
    let restaurant = fixture.id();
    let history = node.history(restaurant).await;
    let seqs: Vec<Seq> = history.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=i64::try_from(history.len()).unwrap()).collect::<Vec<_>>(), "the feed has a hole");
    assert!(history.windows(2).all(|pair| pair[0].at <= pair[1].at), "`at` goes back");
    let mut folded = Folded::default();
    for event in &history {
        folded.take(event, fixture);
    }
    let feed = node.store.heads(&[restaurant]).await.unwrap().pop().expect("the feed");
    assert_eq!(feed.seq, seqs.last().copied().unwrap_or(0));
    assert_eq!(feed.menu_version, folded.menu_moves + 1);
    assert_eq!(feed.at, history.last().map_or(feed.at, |event| event.at));
    assert_orders(node, restaurant, &folded).await;
    assert_seatings(node, restaurant, &folded).await;
    assert_menu_and_tables(node, fixture, &folded).await;
    history
}

async fn assert_orders(node: &Node, restaurant: RestaurantId, folded: &Folded) {
    let find = Find::Page { restaurant, before: (Timestamp(i64::MAX), i64::MAX), limit: 100_000 };
    let (_, rows) = node.store.orders(restaurant, find).await.unwrap();
    let mut numbers: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for row in &rows {
        let id = row.order.id;
        assert_eq!(Some(&row.order), folded.orders.get(&id), "the row of order {id} is not what the events say");
        assert_eq!(row.receipt.seen_at, folded.seen.get(&id).copied(), "when order {id} was seen");
        let released = row.receipt.released_seq.zip(row.receipt.released_at);
        assert_eq!(released, folded.released.get(&id).copied(), "when order {id} reached the kitchen");
        numbers.entry(row.business_day).or_default().push(row.order.number);
    }
    assert_eq!(rows.len(), folded.orders.len(), "orders without a row");
    for (day, mut numbers) in numbers {
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>(), "numbers of {day}");
    }
}

async fn assert_seatings(node: &Node, restaurant: RestaurantId, folded: &Folded) {
    for seating in folded.seatings.values() {
        let row = node.store.seating(restaurant, seating.id).await.unwrap().expect("the seating's row");
        assert_eq!(&row.seating, seating, "the row of seating {} is not what the events say", seating.id);
        let numbers: Vec<i64> = seating.guests.iter().map(|guest| guest.number).collect();
        assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>(), "guests of a seating");
    }
    let (_, _, open) = node.store.recent(restaurant, 0).await.unwrap().expect("the restaurant");
    let told = folded.seatings.values().filter(|seating| seating.is_open());
    assert_eq!(open.iter().collect::<BTreeSet<_>>(), told.clone().map(|s| &s.id).collect(), "open seatings");
    let tables: BTreeSet<TableId> = told.clone().map(|seating| seating.table.id).collect();
    assert_eq!(tables.len(), told.count(), "two open seatings at one table");
}

async fn assert_menu_and_tables(node: &Node, fixture: &Fixture, folded: &Folded) {
    let menu = node.store.current_menu(fixture.id()).await.unwrap().expect("the menu");
    for before in fixture.menu.items() {
        let now = menu.item(before.id).expect("the item");
        let told = folded.items.get(&before.id);
        let expected =
            told.map_or((before.price, before.available, before.version), |i| (i.price, i.available, i.version));
        assert_eq!((now.price, now.available, now.version), expected, "{:?}", before.name);
        let stock = told.map_or(before.stock, |item| item.stock);
        if stock.is_some_and(|stock| stock > TOLD_STOCK) {
            assert!(now.stock.is_some_and(|stock| stock > TOLD_STOCK), "{:?}: {:?}", before.name, now.stock);
        } else {
            assert_eq!(now.stock, stock, "{:?}", before.name);
        }
    }
    for now in node.store.tables(fixture.id()).await.unwrap() {
        let before = fixture.tables.iter().find(|table| table.id == now.id);
        assert_eq!(folded.tables.get(&now.id).or(before), Some(&now));
    }
}

/// What one topic showed at some moment.
pub struct Look {
    topic: Topic,
    cursor: Cursor,
    board: Board,
}

/// A topic as a client holds it, with orders as that audience sees them.
#[derive(Clone, Default)]
struct Board {
    orders: BTreeMap<OrderId, (i64, bool, Value)>,
    seatings: BTreeMap<SeatingId, Seating>,
    tables: BTreeMap<TableId, Table>,
    seen: BTreeMap<OrderId, Timestamp>,
}

/// Takes a snapshot; nothing when there is nothing of that name.
pub async fn look(node: &Node, restaurant: RestaurantId, topic: Topic) -> Option<Look> {
    let (cursor, snapshot) = node.store.snapshot(restaurant, topic, SHIFTS_BEGINNING).await.unwrap()?;
    Some(Look { topic, cursor, board: Board::of(snapshot) })
}

impl Board {
    fn of(snapshot: Snapshot) -> Self {
        let mut board = Self::default();
        let seen = match snapshot {
            Snapshot::Kitchen(kitchen) => {
                kitchen.orders.iter().for_each(|order| board.put(order, Audience::Staff));
                Vec::new()
            }
            Snapshot::Floor(floor) => {
                floor.orders.iter().for_each(|order| board.put(order, Audience::Staff));
                board.seatings = floor.seatings.into_iter().map(|seating| (seating.id, seating)).collect();
                board.tables = floor.tables.into_iter().map(|table| (table.id, table)).collect();
                floor.seen
            }
            Snapshot::Table(table) => {
                table.orders.iter().for_each(|order| board.put_guests(order));
                board.seatings.insert(table.seating.id, table.seating);
                table.seen
            }
            Snapshot::Order(order) => {
                order.orders.iter().for_each(|order| board.put_guests(order));
                order.seen
            }
        };
        board.seen = seen.into_iter().map(|one| (one.order, one.at)).collect();
        board
    }

    fn put(&mut self, order: &Order, audience: Audience) {
        match audience {
            Audience::Guest => self.put_guests(&GuestOrder::from(order)),
            Audience::Staff => self.keep(order.id, order.version, order.state.is_open(), serde_json::to_value(order)),
        }
    }

    fn put_guests(&mut self, order: &GuestOrder) {
        self.keep(order.id, order.version, order.state.is_open(), serde_json::to_value(order));
    }

    /// A state is taken only if its version is higher than the one held.
    fn keep(&mut self, id: OrderId, version: i64, open: bool, state: Result<Value, serde_json::Error>) {
        if self.orders.get(&id).is_none_or(|(held, _, _)| *held < version) {
            self.orders.insert(id, (version, open, state.unwrap()));
        }
    }

    fn take(&mut self, event: &Event, audience: Audience) {
        match &event.state {
            State::Order { order } => self.put(order, audience),
            State::Seating { seating } => {
                if self.seatings.get(&seating.id).is_none_or(|held| held.version < seating.version) {
                    self.seatings.insert(seating.id, seating.clone());
                }
            }
            State::Table { table } => {
                if self.tables.get(&table.id).is_none_or(|held| held.version < table.version) {
                    self.tables.insert(table.id, table.clone());
                }
            }
            State::Seen { seen } => self.seen.extend(seen.iter().map(|one| (one.order, one.at))),
            State::Expected { expected } => {
                for one in expected {
                    if let Some((_, _, order)) = self.orders.get_mut(&one.order) {
                        order["expected"] = serde_json::to_value(one.expected).unwrap();
                    }
                }
            }
            State::Unseen { .. }
            | State::Item { .. }
            | State::Session { .. }
            | State::Screen { .. }
            | State::Takeaway { .. }
            | State::Messages { .. }
            | State::Member { .. } => {}
        }
    }
}

impl Look {
    pub fn seq(&self) -> Seq {
        self.cursor.seq
    }

    /// With the events after it this is what a look shows now.
    pub async fn assert_continued(self, node: &Node, fixture: &Fixture, history: &[Event]) {
        let audience = self.topic.audience();
        let mut board = self.board;
        for event in history.iter().filter(|event| event.seq > self.cursor.seq && self.topic.takes(event)) {
            board.take(event, audience);
        }
        let fresh = look(node, fixture.id(), self.topic).await.expect("the topic is still there");
        assert_eq!(fresh.cursor.seq, i64::try_from(history.len()).unwrap(), "a look is at the head");
        let fresh = fresh.board;
        for (id, state) in &fresh.orders {
            assert_eq!(board.orders.get(id), Some(state), "{:?}: order {id} from seq {}", self.topic, self.cursor.seq);
        }
        let open = |board: &Board| board.orders.iter().filter(|(_, o)| o.1).map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!(open(&board), open(&fresh), "{:?}: open orders", self.topic);
        if matches!(self.topic, Topic::Floor) {
            board.seatings.retain(|_, seating| seating.is_open());
        }
        if !matches!(self.topic, Topic::Kitchen) {
            assert_eq!(board.seatings, fresh.seatings, "{:?}", self.topic);
            assert_eq!(board.tables, fresh.tables, "{:?}", self.topic);
            board.seen.retain(|order, _| fresh.orders.contains_key(order));
            assert_eq!(board.seen, fresh.seen, "{:?}", self.topic);
        }
    }
}

/// How many events of a kind there are.
pub fn count(history: &[Event], kind: Kind) -> usize {
    history.iter().filter(|event| event.kind == kind).count()
}
