//! A party's stay: phones come, the gate opens, it ends once and for all.

use super::making::{NOON, SEATING, cases};
use super::play::{Who, actor};
use comanda::domain::ids::{GuestId, TableId};
use comanda::domain::limits::SEATING_GUESTS;
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::{GateRule, TableRef};
use comanda::domain::seating::{CallReason, Seating};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;
use uuid::Uuid;

/// Something that happens to a seating.
#[derive(Clone, Debug)]
enum Turn {
    Join,
    OpenGate,
    LetPhone(u128),
    Close { open_orders: usize, force: bool },
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        20 => Just(Turn::Join),
        2 => Just(Turn::OpenGate),
        4 => (1u128..50).prop_map(Turn::LetPhone),
        1 => (0usize..2, any::<bool>()).prop_map(|(open_orders, force)| Turn::Close { open_orders, force }),
    ]
}

fn gate() -> impl Strategy<Value = GateRule> {
    prop::sample::select(GateRule::ALL)
}

fn phone(n: u128) -> GuestId {
    GuestId(Uuid::from_u128(n))
}

fn opened(gate: GateRule, by: Who) -> Seating {
    let table = TableRef { id: TableId(Uuid::from_u128(9)), label: "T9".to_owned() };
    Seating::opened(SEATING, table, gate, &actor(by), NOON)
}

/// The seating after a turn: `Ok(None)` when it was so already.
fn after(seating: &Seating, turn: &Turn, next: u128) -> Result<Option<Seating>, Code> {
    let outcome = match turn {
        Turn::Join => seating.joined(phone(next)).map(Some),
        Turn::OpenGate => seating.with_gate_open(None),
        Turn::LetPhone(n) => seating.with_gate_open(Some(phone(*n))),
        Turn::Close { open_orders, force } => seating.closed(*open_orders, *force, NOON),
    };
    outcome.map_err(|refusal| refusal.code)
}

/// Plays the turns and shows each seating with the one before it.
fn played(gate: GateRule, by: Who, turns: &[Turn]) -> Vec<(Seating, Turn, Result<Option<Seating>, Code>)> {
    let mut now = opened(gate, by);
    let mut steps = Vec::new();
    for (turn, n) in turns.iter().zip(1..) {
        let outcome = after(&now, turn, n);
        steps.push((now.clone(), turn.clone(), outcome.clone()));
        if let Ok(Some(next)) = outcome {
            now = next;
        }
    }
    steps
}

fn by() -> impl Strategy<Value = Who> {
    prop_oneof![Just(Who::Owner), Just(Who::Waiter), Just(Who::Cook), Just(Who::System)]
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn each_change_raises_the_version_by_one_and_a_closed_seating_never_changes(
        gate in gate(), by in by(), turns in vec(turn(), 0..80),
    ) {
        for (before, turn, outcome) in played(gate, by, &turns) {
            match outcome {
                Ok(Some(next)) => {
                    prop_assert_eq!(next.version, before.version + 1);
                    prop_assert!(before.is_open());
                    let fixed = |s: &Seating| (s.id, s.gate, s.opened_at, s.table.clone());
                    prop_assert_eq!(fixed(&next), fixed(&before));
                }
                Ok(None) => {}
                Err(code) => prop_assert!(before.is_open() != (code == Code::SeatingClosed), "{:?} {:?}", turn, code),
            }
        }
    }

    #[test]
    fn phones_are_numbered_as_they_come_and_at_most_forty(gate in gate(), turns in vec(turn(), 0..120)) {
        for (before, turn, outcome) in played(gate, Who::Owner, &turns) {
            let numbers: Vec<i64> = before.guests.iter().map(|guest| guest.number).collect();
            prop_assert_eq!(numbers, (1..=before.guests.len() as i64).collect::<Vec<_>>());
            if let (Turn::Join, true) = (turn, before.is_open()) {
                prop_assert_eq!(outcome.is_ok(), before.guests.len() < SEATING_GUESTS);
            }
        }
    }

    /// Who may order: the rule of each gate, told from what happened and not from the seating.
    #[test]
    fn the_gate_lets_those_whom_its_rule_lets(gate in gate(), by in by(), turns in vec(turn(), 0..60)) {
        let mut all = gate == GateRule::None || by == Who::Waiter;
        let mut phones = Vec::new();
        for (before, turn, outcome) in played(gate, by, &turns) {
            for guest in &before.guests {
                let one = gate != GateRule::Seating && phones.contains(&guest.id);
                prop_assert_eq!(before.lets(guest.id), all || one, "{:?}", gate);
            }
            match (turn, outcome) {
                (Turn::OpenGate, Ok(_)) => all = true,
                (Turn::LetPhone(n), Ok(_)) => phones.push(phone(n)),
                _ => {}
            }
        }
    }

    /// The server itself carries out a scan, and a scan is nobody's permission.
    #[test]
    fn only_a_waiter_opens_a_seating_with_its_gate_open(gate in gate(), by in by()) {
        prop_assert_eq!(opened(gate, by).released, gate == GateRule::None || by == Who::Waiter);
    }

    #[test]
    fn a_gate_that_opened_stays_open(gate in gate(), by in by(), turns in vec(turn(), 0..60)) {
        for (before, _, outcome) in played(gate, by, &turns) {
            if let Ok(Some(next)) = outcome {
                prop_assert!(before.guests.iter().all(|guest| !before.lets(guest.id) || next.lets(guest.id)));
            }
        }
    }

    #[test]
    fn a_table_with_open_orders_is_closed_only_by_force(
        gate in gate(), open_orders in 0usize..5, force in any::<bool>(),
    ) {
        let closed = opened(gate, Who::Waiter).closed(open_orders, force, NOON);
        match closed {
            Ok(closed) => prop_assert!((open_orders == 0 || force) && !closed.unwrap().is_open()),
            Err(refusal) => prop_assert_eq!((refusal.code, open_orders > 0, force), (Code::OpenOrders, true, false)),
        }
    }

    #[test]
    fn a_phone_that_is_not_at_the_table_cannot_be_let(gate in gate(), stranger in 100u128..) {
        let seating = opened(gate, Who::Owner).joined(phone(1)).unwrap();
        let refused = seating.with_gate_open(Some(phone(stranger))).unwrap_err();
        prop_assert_eq!(refused.code, Code::UnknownGuest);
        prop_assert!(!seating.lets(phone(stranger)) || gate == GateRule::None);
    }
}

/// Minutes after noon at which a party calls, and whether somebody saw to it before the next call.
fn calls() -> impl Strategy<Value = Vec<(u64, CallReason, bool)>> {
    vec((0u64..5, prop::sample::select(CallReason::ALL), any::<bool>()), 0..30)
}

proptest! {
    #![proptest_config(cases(256))]

    /// One call of a reason waits at a time, and two of them are a pause apart.
    #[test]
    fn a_party_calls_for_one_thing_once_in_a_pause(turns in calls()) {
        let pause = Duration::from_secs(120);
        let mut seating = opened(GateRule::None, Who::Owner);
        let mut at = NOON;
        let mut begun: Vec<(CallReason, comanda::domain::time::Timestamp)> = Vec::new();
        for (minutes, reason, seen_to) in turns {
            at = at.plus(Duration::from_secs(60 * minutes));
            let waits = seating.calls.iter().any(|call| call.reason == reason && call.done_at.is_none());
            let last = begun.iter().rev().find(|(r, _)| *r == reason).map(|(_, at)| *at);
            match seating.called(reason, phone(1), pause, at).map_err(|refusal| refusal.code) {
                Ok(None) => prop_assert!(waits),
                Ok(Some(next)) => {
                    prop_assert!(!waits && last.is_none_or(|last| at.since(last) >= pause));
                    prop_assert_eq!(next.version, seating.version + 1);
                    begun.push((reason, at));
                    seating = next;
                }
                Err(code) => {
                    prop_assert_eq!(code, Code::TooSoon);
                    prop_assert!(last.is_some_and(|last| at.since(last) < pause));
                }
            }
            prop_assert!(seating.calls.len() <= CallReason::ALL.len());
            if seen_to && let Some(next) = seating.call_done(reason, at).expect("it was called for") {
                seating = next;
            }
        }
    }
}
