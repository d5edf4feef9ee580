//! A scheduled order goes to the kitchen: its time has come, or a cook does not wait for it.

use super::cancelled;
use crate::domain::order::{Order, OrderState};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;

/// The order as the kitchen gets it; `None` when it has it already.
///
/// # Errors
/// `forbidden`; `wrong_state` for what was cancelled.
pub fn begin(order: &Order, auto_confirm: bool, by: &Actor, at: Timestamp) -> Result<Option<Order>, Refusal> {
    if !by.is_at_least(Role::Kitchen) {
        return Err(Refusal::new(Code::Forbidden, "Only the staff can do this."));
    }
    if order.state == OrderState::Cancelled {
        // Its time comes all the same, and then nobody has to be told.
        return if *by == Actor::System { Ok(None) } else { Err(cancelled(order)) };
    }
    if order.start_at.is_none() {
        return Ok(None);
    }
    let confirmed_at = order.confirmed_at.or(auto_confirm.then_some(at));
    let state = if confirmed_at.is_some() { OrderState::Confirmed } else { OrderState::Pending };
    Ok(Some(Order { version: order.version + 1, start_at: None, state, confirmed_at, ..order.clone() }))
}
