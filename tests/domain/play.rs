//! Taps by whoever comes along, with whatever picture they had, played against one order. Every property of
//! the state machine looks at the steps that come of it.

use super::making::{NOON, OTHER, OWN, SEATING, STATIONS, placed, station};
use comanda::domain::command::*;
use comanda::domain::decide::{Change, Context, decide};
use comanda::domain::ids::{LineId, SessionId, StationId, UserId};
use comanda::domain::order::Order;
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Refusal;
use comanda::domain::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

/// One wish by one person, on a picture that is `behind` versions old (or unknown), some time after the last.
#[derive(Clone, Debug)]
pub struct Tap {
    pub who: Who,
    pub wish: Wish,
    pub behind: Option<u8>,
    pub after_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Owner,
    OtherGuest,
    Cook,
    Waiter,
    System,
}

/// A command whose line and stations are numbers: those that the order does not have are unknown to it.
#[derive(Clone, Debug)]
pub enum Wish {
    Confirm,
    ConfirmAllergy,
    Complete,
    Rush(bool),
    Bump(Vec<usize>),
    Recall(Vec<usize>, Vec<usize>, RecallTo),
    Cancel(Option<String>),
    Start(usize, Option<usize>),
    Done(usize, Option<usize>),
    RecallLine(usize, Option<usize>, RecallTo),
    Void(usize),
    Hold(usize),
    Fire(usize),
    Move(usize, usize, usize),
    Remake(usize, Option<usize>),
    Reopen,
}

/// A tap that was played: what was, what was wished, what came of it.
#[derive(Clone, Debug)]
pub struct Step {
    pub before: Order,
    pub command: Command,
    pub actor: Actor,
    pub at: Timestamp,
    pub base_version: Option<i64>,
    pub outcome: Result<Option<Change>, Refusal>,
}

impl Step {
    pub fn change(&self) -> Option<&Change> {
        self.outcome.as_ref().ok().and_then(Option::as_ref)
    }

    pub fn after(&self) -> &Order {
        self.change().map_or(&self.before, |change| &change.order)
    }
}

pub fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        2 => Just(Who::Owner),
        1 => Just(Who::OtherGuest),
        10 => Just(Who::Cook),
        3 => Just(Who::Waiter),
        1 => Just(Who::System),
    ]
}

/// What only people who cook wish for.
pub fn work() -> impl Strategy<Value = Wish> {
    let line = || 0usize..7;
    let at = || prop::option::of(0..=STATIONS);
    let to = || prop_oneof![Just(RecallTo::Started), Just(RecallTo::Queued)];
    prop_oneof![
        1 => Just(Wish::Confirm),
        2 => Just(Wish::ConfirmAllergy),
        2 => Just(Wish::Complete),
        1 => any::<bool>().prop_map(Wish::Rush),
        3 => vec(0..=STATIONS, 0..3).prop_map(Wish::Bump),
        2 => (vec(0..=STATIONS, 0..3), vec(line(), 0..3), to()).prop_map(|(s, l, to)| Wish::Recall(s, l, to)),
        4 => (line(), at()).prop_map(|(line, at)| Wish::Start(line, at)),
        6 => (line(), at()).prop_map(|(line, at)| Wish::Done(line, at)),
        3 => (line(), at(), to()).prop_map(|(line, at, to)| Wish::RecallLine(line, at, to)),
        2 => line().prop_map(Wish::Void),
        3 => line().prop_map(Wish::Hold),
        3 => line().prop_map(Wish::Fire),
        1 => (line(), 0..=STATIONS, 0..=STATIONS).prop_map(|(line, from, to)| Wish::Move(line, from, to)),
        1 => (line(), at()).prop_map(|(line, at)| Wish::Remake(line, at)),
        1 => Just(Wish::Reopen),
    ]
}

pub fn wish() -> impl Strategy<Value = Wish> {
    let reason = prop_oneof![Just(None), Just(Some("  ".to_owned())), Just(Some(" fell ".to_owned()))];
    prop_oneof![15 => work(), 1 => reason.prop_map(Wish::Cancel)]
}

pub fn tap() -> impl Strategy<Value = Tap> {
    let behind = prop_oneof![3 => Just(None), 3 => Just(Some(0)), 2 => (1u8..6).prop_map(Some)];
    (who(), wish(), behind, 0u64..20_000).prop_map(|(who, wish, behind, after_ms)| Tap { who, wish, behind, after_ms })
}

/// An order and what happens to it.
pub fn played() -> impl Strategy<Value = Vec<Step>> {
    (placed(false), vec(tap(), 1..40)).prop_map(|(order, taps)| play(&order, &taps))
}

/// Decides the taps one after another, each on what the one before left.
pub fn play(order: &Order, taps: &[Tap]) -> Vec<Step> {
    let mut now = order.clone();
    let mut at = NOON;
    let mut steps = Vec::with_capacity(taps.len());
    for tap in taps {
        at = at.plus(Duration::from_millis(tap.after_ms));
        let command = command(&now, &tap.wish);
        let base_version = tap.behind.map(|behind| (now.version - i64::from(behind)).max(1));
        let step = tapped(&now, command, actor(tap.who), at, base_version);
        now = step.after().clone();
        steps.push(step);
    }
    steps
}

pub fn tapped(order: &Order, command: Command, actor: Actor, at: Timestamp, base_version: Option<i64>) -> Step {
    let outcome = decide(order, &command, Context { actor: &actor, at, base_version });
    Step { before: order.clone(), command, actor, at, base_version, outcome }
}

/// A cook's tap on the newest picture.
pub fn cooked(order: &Order, wish: &Wish, at: Timestamp) -> Step {
    tapped(order, command(order, wish), actor(Who::Cook), at, Some(order.version))
}

pub fn actor(who: Who) -> Actor {
    let staff = |role: Role| Actor::Staff {
        user: UserId(Uuid::from_u128(0xc0)),
        session: SessionId(Uuid::from_u128(0xc1)),
        role,
        name: "Ana".to_owned(),
    };
    match who {
        Who::Owner => Actor::Guest { guest: OWN, seating: SEATING },
        Who::OtherGuest => Actor::Guest { guest: OTHER, seating: SEATING },
        Who::Cook => staff(Role::Kitchen),
        Who::Waiter => staff(Role::Waiter),
        Who::System => Actor::System,
    }
}

/// The wish as a command on this order.
pub fn command(order: &Order, wish: &Wish) -> Command {
    let id = order.id;
    let line = |n: usize| order.lines.get(n).map_or(LineId(Uuid::from_u128(0xdead)), |line| line.id);
    let stations = |list: &[usize]| list.iter().map(|n| station(*n)).collect::<Vec<StationId>>();
    let at_station = |n: usize, at: Option<usize>| LineAtStation { order: id, line: line(n), station: at.map(station) };
    match wish {
        Wish::Confirm => Command::ConfirmOrder(OrderRef { order: id }),
        Wish::ConfirmAllergy => Command::ConfirmAllergy(OrderRef { order: id }),
        Wish::Complete => Command::CompleteOrder(OrderRef { order: id }),
        Wish::Rush(rush) => Command::RushOrder(RushOrder { order: id, rush: *rush }),
        Wish::Bump(at) => Command::BumpOrder(OrderAtStations { order: id, stations: stations(at) }),
        Wish::Recall(at, lines, to) => Command::RecallOrder(Recall {
            order: id,
            stations: stations(at),
            lines: lines.iter().map(|n| line(*n)).collect(),
            to: *to,
        }),
        Wish::Cancel(reason) => Command::CancelOrder(CancelOrder { order: id, reason: reason.clone() }),
        Wish::Start(n, at) => Command::StartLine(at_station(*n, *at)),
        Wish::Done(n, at) => Command::FinishLine(at_station(*n, *at)),
        Wish::RecallLine(n, at, to) => {
            Command::RecallLine(RecallLine { order: id, line: line(*n), station: at.map(station), to: *to })
        }
        Wish::Hold(n) => Command::HoldLine(LineRef { order: id, line: line(*n) }),
        Wish::Fire(n) => Command::FireLine(LineRef { order: id, line: line(*n) }),
        Wish::Move(n, from, to) => {
            Command::MoveLine(MoveLine { order: id, line: line(*n), from: station(*from), to: station(*to) })
        }
        Wish::Remake(n, at) => Command::RemakeLine(at_station(*n, *at)),
        Wish::Reopen => Command::ReopenOrder(OrderRef { order: id }),
        Wish::Void(n) => Command::VoidLine(VoidLine { order: id, line: line(*n), reason: " dropped ".to_owned() }),
    }
}
