//! One party's stay at a table: its phones, its gate, and its end.

use super::ids::{GuestId, SeatingId};
use super::limits;
use super::order::{Order, named};
use super::people::{Actor, Role};
use super::refusal::{Code, Refusal};
use super::restaurant::{GateRule, TableRef};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use ts_rs::TS;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Seating {
    pub id: SeatingId,
    pub table: TableRef,
    #[ts(type = "number")]
    pub version: i64,
    /// The rule that held when the seating opened.
    pub gate: GateRule,
    /// Staff (or the PIN) let the whole seating order.
    pub released: bool,
    pub guests: Vec<Guest>,
    /// What the party wants of the staff: the last call of each reason, in the order of their names.
    #[serde(default)]
    pub calls: Vec<Call>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
}

/// One phone in a seating.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Guest {
    pub id: GuestId,
    /// "Guest 2": counts in the seating, from 1.
    #[ts(type = "number")]
    pub number: i64,
    /// Staff (or the PIN) let this phone order.
    pub released: bool,
}

named! {
    /// What a party can want of the staff.
    CallReason {
        /// The bill.
        Bill = "bill",
        /// Cutlery, napkins, what lies on a table.
        Cutlery = "cutlery",
        /// Somebody, for whatever it is.
        Waiter = "waiter",
        Water = "water",
    }
}

/// A party asked for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Call {
    pub reason: CallReason,
    /// The phone that called.
    pub guest: GuestId,
    pub called_at: Timestamp,
    /// Somebody of the staff said that they are on their way.
    pub coming_at: Option<Timestamp>,
    /// It was seen to, or the party took it back.
    pub done_at: Option<Timestamp>,
}

impl Seating {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// May this phone's order go to the kitchen now?
    #[must_use]
    pub fn lets(&self, guest: GuestId) -> bool {
        let phone_released = self.guests.iter().any(|g| g.id == guest && g.released);
        match self.gate {
            GateRule::None => true,
            GateRule::Seating => self.released,
            GateRule::Phone | GateRule::Pin => self.released || phone_released,
        }
    }

    #[must_use]
    pub fn guest(&self, id: GuestId) -> Option<&Guest> {
        self.guests.iter().find(|guest| guest.id == id)
    }

    /// A new seating at a table. One that staff open is released at once; a scan, which the server itself
    /// carries out, is nobody's permission (DESIGN §5).
    #[must_use]
    pub fn opened(id: SeatingId, table: TableRef, gate: GateRule, by: &Actor, at: Timestamp) -> Self {
        let by_staff = matches!(by, Actor::Staff { role, .. } if *role >= Role::Waiter);
        let released = gate == GateRule::None || by_staff;
        Self {
            id,
            table,
            version: 1,
            gate,
            released,
            guests: Vec::new(),
            calls: Vec::new(),
            opened_at: at,
            closed_at: None,
        }
    }

    /// The seating with one more phone.
    ///
    /// # Errors
    /// `seating_closed`, `seating_full`.
    pub fn joined(&self, guest: GuestId) -> Result<Self, Refusal> {
        self.must_be_open()?;
        if self.guests.len() >= limits::SEATING_GUESTS {
            return Err(Refusal::new(
                Code::SeatingFull,
                format!("At most {} phones can join one table. Ask the staff.", limits::SEATING_GUESTS),
            ));
        }
        let number = i64::try_from(self.guests.len()).unwrap_or(i64::MAX) + 1;
        let mut next = self.next();
        next.guests.push(Guest { id: guest, number, released: false });
        Ok(next)
    }

    /// The seating after its gate was opened, for all or for one phone; `None` if it was open.
    ///
    /// # Errors
    /// `seating_closed`, `unknown_guest`.
    pub fn with_gate_open(&self, guest: Option<GuestId>) -> Result<Option<Self>, Refusal> {
        self.must_be_open()?;
        let mut next = self.next();
        match guest {
            None if self.released => return Ok(None),
            None => next.released = true,
            Some(id) => {
                let phone = next
                    .guests
                    .iter_mut()
                    .find(|g| g.id == id)
                    .ok_or_else(|| Refusal::new(Code::UnknownGuest, "No such phone at this table."))?;
                if phone.released {
                    return Ok(None);
                }
                phone.released = true;
            }
        }
        Ok(Some(next))
    }

    /// The seating after its end; `None` if it had ended. `open_orders` are those not yet completed.
    ///
    /// # Errors
    /// `open_orders` unless `force`.
    pub fn closed(&self, open_orders: usize, force: bool, at: Timestamp) -> Result<Option<Self>, Refusal> {
        if !self.is_open() {
            return Ok(None);
        }
        if open_orders > 0 && !force {
            return Err(Refusal::new(
                Code::OpenOrders,
                format!("{open_orders} orders of this table are not served yet. Close it all the same with `force`."),
            ));
        }
        let mut next = self.next();
        next.closed_at = Some(at);
        Ok(Some(next))
    }

    /// When something happened at the table last: it sat down, called, ordered, was served.
    #[must_use]
    pub fn heard_of<'o>(&self, orders: impl Iterator<Item = &'o Order>) -> Timestamp {
        let calls = self.calls.iter().flat_map(|call| [Some(call.called_at), call.coming_at, call.done_at]);
        let orders = orders.flat_map(|o| [Some(o.placed_at), o.ready_at, o.completed_at, o.cancelled_at]);
        calls.chain(orders).flatten().fold(self.opened_at, Timestamp::max)
    }

    /// Does the party wait for the staff?
    #[must_use]
    pub fn calls_somebody(&self) -> bool {
        self.calls.iter().any(|call| call.done_at.is_none())
    }

    /// The seating at another table; `None` if it sits there.
    ///
    /// # Errors
    /// `seating_closed`.
    pub fn moved(&self, to: TableRef) -> Result<Option<Self>, Refusal> {
        self.must_be_open()?;
        Ok((self.table.id != to.id).then(|| Self { table: to, ..self.next() }))
    }

    /// The seating after a phone called the staff; `None` if that call waits already. `pause` is how long a
    /// party waits from one call to the next of the same reason.
    ///
    /// # Errors
    /// `seating_closed`, `too_soon`.
    pub fn called(
        &self,
        reason: CallReason,
        guest: GuestId,
        pause: Duration,
        at: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        self.must_be_open()?;
        if let Some(last) = self.call(reason) {
            if last.done_at.is_none() {
                return Ok(None);
            }
            let again = last.called_at.plus(pause);
            if at < again {
                let seconds = again.since(at).as_secs().max(1);
                return Err(Refusal::new(
                    Code::TooSoon,
                    format!("You called for this a moment ago. Call again in {seconds} s."),
                ));
            }
        }
        let mut next = self.next();
        next.calls.retain(|call| call.reason != reason);
        next.calls.push(Call { reason, guest, called_at: at, coming_at: None, done_at: None });
        next.calls.sort_by_key(|call| call.reason.name());
        Ok(Some(next))
    }

    /// The seating after somebody said that they are on their way; `None` if that was said, or is over.
    ///
    /// # Errors
    /// `seating_closed`, `unknown_call`.
    pub fn call_coming(&self, reason: CallReason, at: Timestamp) -> Result<Option<Self>, Refusal> {
        self.answered(reason, |call| {
            let news = call.coming_at.is_none() && call.done_at.is_none();
            call.coming_at = call.coming_at.or(Some(at));
            news
        })
    }

    /// The seating after a call was seen to; `None` if it was.
    ///
    /// # Errors
    /// `seating_closed`, `unknown_call`.
    pub fn call_done(&self, reason: CallReason, at: Timestamp) -> Result<Option<Self>, Refusal> {
        self.answered(reason, |call| {
            let news = call.done_at.is_none();
            call.done_at = call.done_at.or(Some(at));
            news
        })
    }

    fn answered(&self, reason: CallReason, change: impl FnOnce(&mut Call) -> bool) -> Result<Option<Self>, Refusal> {
        self.must_be_open()?;
        let mut next = self.next();
        let call = next
            .calls
            .iter_mut()
            .find(|call| call.reason == reason)
            .ok_or_else(|| Refusal::new(Code::UnknownCall, "This table did not call for that."))?;
        Ok(change(call).then_some(next))
    }

    fn call(&self, reason: CallReason) -> Option<&Call> {
        self.calls.iter().find(|call| call.reason == reason)
    }

    /// # Errors
    /// `seating_closed`.
    pub fn must_be_open(&self) -> Result<(), Refusal> {
        if self.is_open() {
            Ok(())
        } else {
            Err(Refusal::new(Code::SeatingClosed, "This table was closed. Scan the code on the table to begin again."))
        }
    }

    fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }
}
