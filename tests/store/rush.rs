//! The rush hour: guests, cooks and waiters who want the same orders, tables and portions at the same time, on one
//! node and on two. Whatever the order of things was, the tables are what the feed says, and every look that
//! somebody took continues into what is fetched afresh.

use super::fold::{Look, assert_rows_are_the_feed, look};
use super::node::{Node, draft, join, seating_of, wish};
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind as Database, Place};
use comanda::domain::command::*;
use comanda::domain::event::Event;
use comanda::domain::ids::*;
use comanda::domain::order::Order;
use comanda::domain::people::Actor;
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::topic::Topic;
use comanda::store::committer::{Accepted, Answer, Submission};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

const PEOPLE: u64 = 24;
const WISHES_OF_EACH: usize = 14;

/// What everybody in a restaurant can see and touch.
struct Room {
    fixture: Fixture,
    orders: Mutex<Vec<Order>>,
    /// Everything that was accepted, with what was sent.
    done: Mutex<Vec<(Submission, Accepted)>>,
    looks: Mutex<Vec<Look>>,
    refusals: Mutex<BTreeMap<Code, usize>>,
}

impl Room {
    async fn new(node: &Node, slug: &str, gate: GateRule) -> Arc<Self> {
        Arc::new(Self {
            fixture: node.restaurant(slug, gate).await,
            orders: Mutex::default(),
            done: Mutex::default(),
            looks: Mutex::default(),
            refusals: Mutex::default(),
        })
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same person wishes the same each time, whoever is faster.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % count as u64).unwrap()
    }
}

#[test]
fn a_rush_on_one_node_loses_nothing_and_every_look_continues() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Arc::new(Node::open(&place).await);
            let rooms = vec![
                Room::new(&node, "olive", GateRule::Seating).await,
                Room::new(&node, "lemon", GateRule::None).await,
            ];
            rush(&[Arc::clone(&node)], &rooms).await;
            for room in &rooms {
                let history = assert_rows_are_the_feed(&node, &room.fixture).await;
                assert_eq!(node.published(room.fixture.id()), history, "published in commit order");
                assert_room(room, &node, &history).await;
            }
        });
    }
}

#[test]
fn two_nodes_on_one_database_lose_nothing_and_meet_no_deadlock() {
    run(async {
        let place = Place::new(Database::Postgres);
        let nodes = [Arc::new(Node::open(&place).await), Arc::new(Node::open(&place).await)];
        let mut rooms = Vec::new();
        for (slug, gate) in [("olive", GateRule::Seating), ("lemon", GateRule::None), ("basil", GateRule::Phone)] {
            rooms.push(Room::new(&nodes[0], slug, gate).await);
        }
        rush(&nodes, &rooms).await;
        for room in &rooms {
            let history = assert_rows_are_the_feed(&nodes[0], &room.fixture).await;
            let parts = [0, 1].map(|n: usize| nodes[n].published(room.fixture.id()));
            assert!(parts.iter().all(|part| !part.is_empty()), "both nodes committed something");
            let mut published: Vec<Event> = parts.concat();
            published.sort_by_key(|event| event.seq);
            assert_eq!(published, history, "each event was published once, by the node that committed it");
            assert_room(room, &nodes[1], &history).await;
        }
        for node in &nodes {
            assert_eq!((node.counts.halved(), node.counts.unknown()), (0, 0));
        }
    });
}

async fn rush(nodes: &[Arc<Node>], rooms: &[Arc<Room>]) {
    let mut people = JoinSet::new();
    for n in 0..PEOPLE {
        let (nodes, rooms) = (nodes.to_vec(), rooms.to_vec());
        people.spawn(async move {
            let mut dice = Dice(n);
            let mut guests = HashMap::new();
            for step in 0..WISHES_OF_EACH {
                let node = &nodes[dice.below(nodes.len())];
                let at = dice.below(rooms.len());
                if step % 5 == 4 {
                    take_a_look(&mut dice, node, &rooms[at]).await;
                }
                let guest: &mut Option<Actor> = guests.entry(at).or_default();
                send(&mut dice, node, &rooms[at], guest).await;
            }
        });
    }
    while let Some(person) = people.join_next().await {
        person.expect("nobody was told an untruth");
    }
}

/// One wish, and what became of it.
async fn send(dice: &mut Dice, node: &Node, room: &Room, guest: &mut Option<Actor>) {
    let submission = match guest {
        None => wish(&room.fixture, &Actor::System, join(&room.fixture, dice.below(2))),
        Some(guest) => wish_for(dice, room, guest),
    };
    // Whoever hears nothing sends again: now and then two copies are under way at once, or one comes late.
    let copies = if dice.below(6) == 0 { 2 } else { 1 };
    let answers = futures_util::future::join_all((0..copies).map(|_| node.submit(submission.clone()))).await;
    let mut subjects = BTreeSet::new();
    for answer in answers {
        match answer {
            Answer::Accepted(accepted) => {
                subjects.insert((accepted.seq, accepted.subject));
                if let (Command::JoinSeating(_), Some(seating)) = (&submission.request.command, &accepted.seating) {
                    *guest = Some(Actor::Guest { guest: GuestId(accepted.subject), seating: seating.id });
                }
                if let Some(order) = &accepted.order {
                    room.orders.lock().unwrap().push((**order).clone());
                }
                room.done.lock().unwrap().push((submission.clone(), *accepted));
            }
            Answer::Refused(refusal) => {
                if refusal.code == Code::SeatingClosed {
                    *guest = None;
                }
                *room.refusals.lock().unwrap().entry(refusal.code).or_default() += 1;
            }
            Answer::NotTried(why) => panic!("{:?}: {why}", submission.request.command),
        }
    }
    // Receipts are idempotent by themselves, and leave no row: their answer is the head at the time.
    let keeps_its_answer = !matches!(submission.request.command, Command::MarkShown(_));
    assert!(subjects.len() <= 1 || !keeps_its_answer, "two copies got two answers: {subjects:?}");
}

fn wish_for(dice: &mut Dice, room: &Room, guest: &Actor) -> Submission {
    let (fixture, system) = (&room.fixture, &Actor::System);
    let repeated = {
        let done = room.done.lock().unwrap();
        (!done.is_empty()).then(|| done[dice.below(done.len())].0.clone())
    };
    match (dice.below(12), repeated) {
        (0, Some(repeated)) => repeated,
        (0..=3, _) => {
            let dishes = [(fixture.fries(), 1), (fixture.beer(), 1), (fixture.steak(), 1)];
            let lines = &dishes[dice.below(2)..=1 + dice.below(2)];
            wish(fixture, guest, Command::PlaceOrder(Box::new(draft(lines))))
        }
        (4, _) => wish(fixture, system, join(fixture, dice.below(2))),
        (5, _) => {
            let stock = (dice.below(2) == 0).then(|| i64::try_from(dice.below(8)).unwrap());
            let set = SetItem { item: fixture.beer().id, available: dice.below(4) > 0, stock };
            wish(fixture, system, Command::SetItem(set))
        }
        (6, _) => {
            let release = ReleaseSeating { seating: seating_of(guest), guest: None };
            wish(fixture, system, Command::ReleaseSeating(release))
        }
        (7, _) if dice.below(4) == 0 => {
            let close = CloseSeating { seating: seating_of(guest), force: true };
            wish(fixture, system, Command::CloseSeating(close))
        }
        (8, _) => {
            let seq = i64::try_from(dice.below(400)).unwrap();
            let stations = vec![fixture.grill(), fixture.bar()];
            wish(fixture, system, Command::MarkShown(MarkShown { seq, stations, kind: None }))
        }
        _ => tap(dice, room, guest),
    }
}

/// A tap on an order that others tap on too.
fn tap(dice: &mut Dice, room: &Room, guest: &Actor) -> Submission {
    let fixture = &room.fixture;
    let order = {
        let orders = room.orders.lock().unwrap();
        let newest = orders.len().saturating_sub(6);
        (!orders.is_empty()).then(|| orders[newest + dice.below(orders.len() - newest)].clone())
    };
    let Some(order) = order else { return wish(fixture, &Actor::System, join(fixture, 0)) };
    let (id, line) = (order.id, order.lines[dice.below(order.lines.len())].id);
    let at_line = LineAtStation { order: id, line, station: None };
    let (from, to) =
        if dice.below(2) == 0 { (fixture.grill(), fixture.bar()) } else { (fixture.bar(), fixture.grill()) };
    let command = match dice.below(15) {
        0..=2 => Command::StartLine(at_line),
        3 | 4 => Command::FinishLine(at_line),
        5 => Command::BumpOrder(OrderAtStations { order: id, stations: vec![] }),
        6 => Command::RecallOrder(Recall { order: id, stations: vec![], lines: vec![], to: RecallTo::Queued }),
        7 => Command::CompleteOrder(OrderRef { order: id }),
        8 => Command::VoidLine(VoidLine { order: id, line, reason: "dropped".to_owned() }),
        9 => Command::HoldLine(LineRef { order: id, line }),
        10 => Command::FireLine(LineRef { order: id, line }),
        11 => Command::MoveLine(MoveLine { order: id, line, from, to }),
        12 => Command::RemakeLine(at_line),
        13 => Command::ReopenOrder(OrderRef { order: id }),
        _ => {
            let cancel = Command::CancelOrder(CancelOrder { order: id, reason: Some("gone".to_owned()) });
            return wish(fixture, if dice.below(2) == 0 { guest } else { &Actor::System }, cancel);
        }
    };
    let mut submission = wish(fixture, &Actor::System, command);
    submission.request.base_version = (dice.below(3) == 0).then_some(order.version);
    submission
}

async fn take_a_look(dice: &mut Dice, node: &Node, room: &Room) {
    let seating = room.orders.lock().unwrap().last().and_then(|order| order.seating);
    let topic = match (dice.below(3), seating) {
        (0, _) => Topic::Kitchen,
        (1, Some(seating)) => Topic::Table(seating),
        _ => Topic::Floor,
    };
    let look = look(node, room.fixture.id(), topic).await;
    room.looks.lock().unwrap().extend(look);
}

/// Every answer is what the feed says, and every look continues to the end.
async fn assert_room(room: &Room, node: &Node, history: &[Event]) {
    let mut last_of: HashMap<CommandId, Seq> = HashMap::new();
    for event in history {
        last_of.insert(event.command, event.seq);
    }
    let done = std::mem::take(&mut *room.done.lock().unwrap());
    let mut answers: HashMap<CommandId, (Seq, uuid::Uuid)> = HashMap::new();
    for (submission, accepted) in &done {
        let id = submission.request.id;
        // What a screen shows it may show again; that leaves no row.
        if !matches!(submission.request.command, Command::MarkShown(_)) {
            if let Some(seq) = last_of.get(&id) {
                assert_eq!(accepted.seq, *seq, "the answer names the command's last event");
            }
            let first = *answers.entry(id).or_insert((accepted.seq, accepted.subject));
            assert_eq!((accepted.seq, accepted.subject), first, "{:?}", submission.request.command);
        }
    }
    assert!(last_of.keys().all(|id| answers.contains_key(id) || done.iter().any(|(s, _)| s.request.id == *id)));
    assert!(done.iter().any(|(_, accepted)| accepted.again), "nothing was repeated");
    let kinds: BTreeSet<_> = history.iter().map(|event| event.kind).collect();
    assert!(kinds.len() >= 10, "a calm evening: {kinds:?}");
    let refusals = std::mem::take(&mut *room.refusals.lock().unwrap());
    assert!(refusals.len() >= 2, "nobody was in anybody's way: {refusals:?}");
    let looks = std::mem::take(&mut *room.looks.lock().unwrap());
    assert!(looks.iter().filter(|look| look.seq() < i64::try_from(history.len()).unwrap() / 2).count() > 2);
    for look in looks {
        look.assert_continued(node, &room.fixture, history).await;
    }
}
