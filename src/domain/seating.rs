//! One party's stay at a table: its phones, its gate, and its end.

use super::ids::{GuestId, SeatingId};
use super::limits;
use super::people::{Actor, Role};
use super::refusal::{Code, Refusal};
use super::restaurant::{GateRule, TableRef};
use super::time::Timestamp;
use serde::{Deserialize, Serialize};
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
        Self { id, table, version: 1, gate, released, guests: Vec::new(), opened_at: at, closed_at: None }
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
