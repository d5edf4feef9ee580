//! When, where and how often a line is cooked: later courses wait until they are fired, a line moves to
//! another station, a plate that fell is made again, and one that was handed over by mistake is back.

use super::{Context, Outcome, cooking, not_completed, not_voided, settled, tapped_at, unchanged, unknown_line};
use crate::domain::command::{LineAtStation, LineRef, MoveLine};
use crate::domain::event::Kind;
use crate::domain::order::{Line, LineState, Order, OrderState, Task, TaskState};
use crate::domain::refusal::{Code, Refusal};

/// Nobody begins a line that is on hold; what is begun already cannot be held.
pub fn hold(order: &Order, command: &LineRef, ctx: Context<'_>) -> Outcome {
    not_completed(order)?;
    let line = order.line(command.line).ok_or_else(|| unknown_line(order))?;
    unchanged(order, line, ctx)?;
    not_voided(order, line)?;
    if line.held {
        return Ok(None);
    }
    if line.state() != LineState::Queued {
        return Err(Refusal::new(Code::WrongState, "This line was begun already.").with_current(order));
    }
    let next = with_line(order, line, |line| line.held = true);
    Ok(settled(order, next, Kind::LineHeld, ctx.at))
}

/// A held line is the kitchen's work from now on, and its time counts from here.
pub fn fire(order: &Order, command: &LineRef, ctx: Context<'_>) -> Outcome {
    let line = order.line(command.line).ok_or_else(|| unknown_line(order))?;
    not_voided(order, line)?;
    let next = with_line(order, line, |line| {
        if line.held {
            line.held = false;
            line.called_at = Some(ctx.at);
        }
    });
    Ok(settled(order, next, Kind::LineFired, ctx.at))
}

/// Another station cooks it: what was begun at the old one begins anew. Whoever decides has looked whether
/// the restaurant has the station.
pub fn transfer(order: &Order, command: &MoveLine, ctx: Context<'_>) -> Outcome {
    not_completed(order)?;
    let line = order.line(command.line).ok_or_else(|| unknown_line(order))?;
    if line.tasks.iter().any(|task| task.station == command.to) {
        return Ok(None);
    }
    let line = tapped_at(order, line.id, Some(command.from))?;
    unchanged(order, line, ctx)?;
    not_voided(order, line)?;
    if line.tasks.iter().any(|task| task.station == command.from && task.state == TaskState::Done) {
        return Err(Refusal::new(Code::WrongState, "It is done there already.").with_current(order));
    }
    let next = with_line(order, line, |line| {
        for task in line.tasks.iter_mut().filter(|task| task.station == command.from) {
            *task = Task { station: command.to, state: TaskState::Queued, started_at: None, done_at: None };
        }
        line.changed = order.version + 1;
    });
    Ok(settled(order, next, Kind::LineMoved, ctx.at))
}

/// Once more, from the beginning: it is counted, and its time begins anew. Unlike recall, which takes a tap back.
pub fn remake(order: &Order, command: &LineAtStation, ctx: Context<'_>) -> Outcome {
    let line = tapped_at(order, command.line, command.station)?;
    unchanged(order, line, ctx)?;
    not_voided(order, line)?;
    let mine = |task: &Task| command.station.is_none_or(|station| station == task.station);
    let begun = |task: &Task| matches!(task.state, TaskState::Started | TaskState::Done);
    if !line.tasks.iter().any(|task| mine(task) && begun(task)) {
        return Ok(None);
    }
    let next = with_line(order, line, |line| {
        for task in line.tasks.iter_mut().filter(|task| mine(task)) {
            *task = Task { station: task.station, state: TaskState::Queued, started_at: None, done_at: None };
        }
        line.remakes += 1;
        line.called_at = Some(ctx.at);
        line.changed = order.version + 1;
    });
    Ok(settled(order, next, Kind::LineRemade, ctx.at))
}

/// It was not handed over after all: it stands at the pass again.
pub fn reopen(order: &Order, ctx: Context<'_>) -> Outcome {
    cooking(order, ctx)?;
    if order.state != OrderState::Completed {
        return Ok(None);
    }
    Ok(Some((Kind::OrderReopened, Order { state: OrderState::Ready, completed_at: None, ..order.clone() })))
}

/// The refusal of work on a line that waits for its course.
pub fn fired(order: &Order, line: &Line) -> Result<(), Refusal> {
    if line.held {
        return Err(Refusal::new(Code::OnHold, "This line is on hold. Fire it first.").with_current(order));
    }
    Ok(())
}

fn with_line(order: &Order, line: &Line, change: impl Fn(&mut Line)) -> Order {
    let mut next = order.clone();
    for each in next.lines.iter_mut().filter(|each| each.id == line.id) {
        change(each);
    }
    next
}
