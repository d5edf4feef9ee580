//! A party calls the staff: who may, and how often. What a call is says `domain::seating`.

use super::seatings::{save, unknown_seating};
use super::{Case, Decision, Done, World, at_least};
use crate::domain::command::CallRef;
use crate::domain::event::Kind;
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::seating::{CallReason, Seating};
use std::time::Duration;

/// A guest wants something.
pub fn call(world: &mut World, case: &Case<'_>, reason: CallReason) -> Decision {
    let Actor::Guest { guest, seating } = &case.submission.request.actor else {
        return Err(Refusal::new(Code::Forbidden, "Only guests call the staff."));
    };
    let menu = world.menu(case.submission.restaurant).map_err(|_| unknown_seating())?;
    let pause = Duration::from_secs(u64::from(menu.restaurant.settings.call_again_seconds));
    let entry = world.seatings.get(&(case.submission.restaurant, *seating)).ok_or_else(unknown_seating)?;
    let next = entry.now.seating.called(reason, *guest, pause, case.at)?;
    Ok(saved(world, case, next, seating.0, Kind::SeatingCalled))
}

/// Staff are on their way.
pub fn coming(world: &mut World, case: &Case<'_>, command: &CallRef) -> Decision {
    at_least(case, Role::Waiter)?;
    let entry = world.seatings.get(&(case.submission.restaurant, command.seating)).ok_or_else(unknown_seating)?;
    let next = entry.now.seating.call_coming(command.reason, case.at)?;
    Ok(saved(world, case, next, command.seating.0, Kind::CallComing))
}

/// Staff saw to it, or the party does not need it any more.
pub fn done(world: &mut World, case: &Case<'_>, command: &CallRef) -> Decision {
    match &case.submission.request.actor {
        Actor::Guest { seating, .. } if *seating == command.seating => {}
        Actor::Guest { .. } => return Err(Refusal::new(Code::Forbidden, "This is another table's call.")),
        Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
            at_least(case, Role::Waiter)?;
        }
    }
    let entry = world.seatings.get(&(case.submission.restaurant, command.seating)).ok_or_else(unknown_seating)?;
    let next = entry.now.seating.call_done(command.reason, case.at)?;
    Ok(saved(world, case, next, command.seating.0, Kind::CallDone))
}

fn saved(world: &mut World, case: &Case<'_>, next: Option<Seating>, subject: uuid::Uuid, kind: Kind) -> Done {
    match next {
        Some(seating) => save(world, case, seating, subject, kind),
        None => Done::of(subject),
    }
}
