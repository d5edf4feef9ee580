//! What a command does to an order: a pure function from state and wish to a new state, or a refusal.
//! Commands say what is meant ("line done"), so most of them merge; a tap on a line that was recalled
//! or voided after the picture it was made on is refused as `changed` (W5).

mod course;
mod recall;
mod schedule;
mod told;

use super::command::{CancelOrder, Command, LineAtStation, OrderAtStations, RushOrder, VoidLine};
use super::event::Kind;
use super::ids::{ItemId, LineId, StationId};
use super::limits::AUTO_CONFIRMED_CANCEL_SECONDS;
use super::order::{Line, LineState, Order, OrderState, Task, TaskState};
use super::people::{Actor, Role};
use super::refusal::{Code, Refusal};
use super::restaurant::TableRef;
use super::time::Timestamp;
use recall::{recall_line, recall_order};
pub use schedule::begin;
use std::time::Duration;

/// Who wishes, when, and which picture they had.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub actor: &'a Actor,
    pub at: Timestamp,
    /// The order's version that the sender saw.
    pub base_version: Option<i64>,
}

/// An order after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    pub order: Order,
    /// Portions that go back to a counted stock.
    pub returned: Vec<(ItemId, i64)>,
}

/// Decides one command on one order. `Ok(None)` is an `ok` that changed nothing.
///
/// # Errors
/// A refusal, with the order as it is now where the sender's picture may be old.
pub fn decide(order: &Order, command: &Command, ctx: Context<'_>) -> Result<Option<Change>, Refusal> {
    let outcome = match command {
        Command::CancelOrder(c) => cancel(order, c, ctx),
        Command::ConfirmOrder(_) => cooking(order, ctx).and_then(|()| confirm(order, ctx)),
        Command::ConfirmAllergy(_) => cooking(order, ctx).map(|()| confirm_allergy(order, ctx)),
        Command::RushOrder(c) => cooking(order, ctx).and_then(|()| rush(order, c)),
        Command::CompleteOrder(_) => cooking(order, ctx).and_then(|()| complete(order, ctx)),
        Command::BumpOrder(c) => cooking(order, ctx).and_then(|()| bump(order, c, ctx)),
        Command::RecallOrder(c) => cooking(order, ctx).and_then(|()| recall_order(order, c, ctx)),
        Command::StartLine(c) => cooking(order, ctx).and_then(|()| start(order, c, ctx)),
        Command::FinishLine(c) => cooking(order, ctx).and_then(|()| finish(order, c, ctx)),
        Command::RecallLine(c) => cooking(order, ctx).and_then(|()| recall_line(order, c, ctx)),
        Command::VoidLine(c) => cooking(order, ctx).and_then(|()| void(order, c, ctx)),
        Command::HoldLine(c) => cooking(order, ctx).and_then(|()| course::hold(order, c, ctx)),
        Command::FireLine(c) => cooking(order, ctx).and_then(|()| course::fire(order, c, ctx)),
        Command::MoveLine(c) => cooking(order, ctx).and_then(|()| course::transfer(order, c, ctx)),
        Command::RemakeLine(c) => cooking(order, ctx).and_then(|()| course::remake(order, c, ctx)),
        Command::ReopenOrder(_) => course::reopen(order, ctx),
        Command::TellGuest(c) => told::tell(order, c, ctx),
        Command::NoteTold(c) => Ok(told::told(order, c, ctx)),
        // `Command::order` names no order for them, and the committer decides them by itself.
        _ => Err(Refusal::new(Code::UnknownCommand, "This command is not about one order.")),
    }?;
    Ok(outcome.map(|(kind, mut next)| {
        next.version = order.version + 1;
        next.totals = next.summed();
        let returned = returned_portions(order, &next);
        Change { kind, order: next, returned }
    }))
}

/// The order when its gate opens: the kitchen gets it now, so its clock starts now.
#[must_use]
pub fn release(order: &Order, auto_confirm: bool, at: Timestamp) -> Order {
    let promised = order.due_at.since(order.placed_at);
    Order {
        version: order.version + 1,
        held: false,
        state: if auto_confirm { OrderState::Confirmed } else { OrderState::Pending },
        confirmed_at: auto_confirm.then_some(at),
        due_at: at.plus(promised),
        ..order.clone()
    }
}

/// The order of a party that sits at another table now.
#[must_use]
pub fn moved(order: &Order, to: TableRef) -> Order {
    Order { version: order.version + 1, table: Some(to), ..order.clone() }
}

type Outcome = Result<Option<(Kind, Order)>, Refusal>;

/// Only staff cook, and only what has passed the gate and was not cancelled.
fn cooking(order: &Order, ctx: Context<'_>) -> Result<(), Refusal> {
    if !ctx.actor.is_at_least(Role::Kitchen) {
        return Err(Refusal::new(Code::Forbidden, "Only the staff can do this."));
    }
    if order.held {
        return Err(
            Refusal::new(Code::Held, "This order waits for a waiter to let the table order.").with_current(order)
        );
    }
    if order.state == OrderState::Cancelled {
        return Err(cancelled(order));
    }
    if order.start_at.is_some() {
        return Err(Refusal::new(Code::Scheduled, "This order waits for its time. Start it first.").with_current(order));
    }
    Ok(())
}

fn cancelled(order: &Order) -> Refusal {
    Refusal::new(Code::WrongState, format!("Order {} was cancelled.", order.number)).with_current(order)
}

fn confirm(order: &Order, ctx: Context<'_>) -> Outcome {
    if order.confirmed_at.is_some() {
        return Ok(None);
    }
    let mut next = order.clone();
    next.confirmed_at = Some(ctx.at);
    settle(&mut next, ctx.at);
    Ok(Some((Kind::OrderConfirmed, next)))
}

fn confirm_allergy(order: &Order, ctx: Context<'_>) -> Option<(Kind, Order)> {
    if order.allergy.is_none() || order.allergy_confirmed_at.is_some() {
        return None;
    }
    let next = Order { allergy_confirmed_at: Some(ctx.at), ..order.clone() };
    Some((Kind::OrderAllergyConfirmed, next))
}

fn rush(order: &Order, command: &RushOrder) -> Outcome {
    if order.rush == command.rush {
        return Ok(None);
    }
    not_completed(order)?;
    Ok(Some((Kind::OrderRush, Order { rush: command.rush, ..order.clone() })))
}

fn complete(order: &Order, ctx: Context<'_>) -> Outcome {
    match order.state {
        OrderState::Completed => Ok(None),
        OrderState::Ready => {
            let next = Order { state: OrderState::Completed, completed_at: Some(ctx.at), ..order.clone() };
            Ok(Some((Kind::OrderCompleted, next)))
        }
        OrderState::Pending | OrderState::Confirmed | OrderState::Preparing | OrderState::Cancelled => {
            Err(Refusal::new(Code::WrongState, "Not everything is ready yet.").with_current(order))
        }
    }
}

fn start(order: &Order, command: &LineAtStation, ctx: Context<'_>) -> Outcome {
    let line = tapped(order, command.line, command.station, ctx)?;
    touch(order, line, command.station, Kind::LineStarted, ctx, |task| {
        if task.state == TaskState::Queued {
            task.state = TaskState::Started;
            task.started_at = Some(ctx.at);
        }
    })
}

fn finish(order: &Order, command: &LineAtStation, ctx: Context<'_>) -> Outcome {
    let line = tapped(order, command.line, command.station, ctx)?;
    touch(order, line, command.station, Kind::LineDone, ctx, |task| finish_task(task, ctx.at))
}

fn finish_task(task: &mut Task, at: Timestamp) {
    if matches!(task.state, TaskState::Queued | TaskState::Started) {
        task.state = TaskState::Done;
        task.started_at.get_or_insert(at);
        task.done_at = Some(at);
    }
}

fn bump(order: &Order, command: &OrderAtStations, ctx: Context<'_>) -> Outcome {
    allergy_confirmed(order)?;
    let mine = |task: &Task| command.stations.is_empty() || command.stations.contains(&task.station);
    if !order.lines.iter().flat_map(|l| &l.tasks).any(&mine) {
        return Err(Refusal::new(Code::UnknownStation, "This order has nothing at that station.").with_current(order));
    }
    for line in order.lines.iter().filter(|line| line.tasks.iter().any(&mine)) {
        unchanged(order, line, ctx)?;
    }
    let mut next = order.clone();
    let fired = next.lines.iter_mut().filter(|line| !line.held);
    for task in fired.flat_map(|line| &mut line.tasks).filter(|task| mine(task)) {
        finish_task(task, ctx.at);
    }
    Ok(settled(order, next, Kind::OrderBumped, ctx.at))
}

fn void(order: &Order, command: &VoidLine, ctx: Context<'_>) -> Outcome {
    not_completed(order)?;
    let line = order.line(command.line).ok_or_else(|| unknown_line(order))?;
    if line.state() == LineState::Voided {
        return Ok(None);
    }
    let mut next = order.clone();
    for line in next.lines.iter_mut().filter(|line| line.id == command.line) {
        line.void_reason = Some(command.reason.trim().to_owned());
        line.changed = order.version + 1;
        for task in &mut line.tasks {
            task.state = TaskState::Voided;
        }
    }
    if next.lines.iter().all(|line| line.state() == LineState::Voided) {
        end(&mut next, Some(command.reason.trim()), ctx.at);
        return Ok(Some((Kind::OrderCancelled, next)));
    }
    settle(&mut next, ctx.at);
    Ok(Some((Kind::LineVoided, next)))
}

fn cancel(order: &Order, command: &CancelOrder, ctx: Context<'_>) -> Outcome {
    if order.state == OrderState::Cancelled {
        return Ok(None);
    }
    let reason = command.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    match ctx.actor {
        Actor::Guest { guest, .. } | Actor::Takeaway { guest } => guest_may_cancel(order, *guest, ctx.at)?,
        Actor::Staff { .. } | Actor::Screen { .. } if reason.is_none() => {
            let field =
                super::refusal::FieldProblem { field: "reason".to_owned(), message: "must not be empty".to_owned() };
            return Err(Refusal::invalid(vec![field]));
        }
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => not_completed(order)?,
    }
    let mut next = order.clone();
    end(&mut next, reason, ctx.at);
    Ok(Some((Kind::OrderCancelled, next)))
}

fn guest_may_cancel(order: &Order, guest: super::ids::GuestId, at: Timestamp) -> Result<(), Refusal> {
    if order.guest != Some(guest) {
        return Err(Refusal::new(Code::Forbidden, "Only the phone that ordered can cancel this order."));
    }
    let begun =
        order.lines.iter().flat_map(|l| &l.tasks).any(|t| matches!(t.state, TaskState::Started | TaskState::Done));
    let limit = Duration::from_secs(AUTO_CONFIRMED_CANCEL_SECONDS);
    let fresh = order.confirmed_at.is_none_or(|confirmed| at.since(confirmed) <= limit);
    match order.state {
        OrderState::Pending => Ok(()),
        OrderState::Confirmed if !begun && fresh => Ok(()),
        OrderState::Confirmed
        | OrderState::Preparing
        | OrderState::Ready
        | OrderState::Completed
        | OrderState::Cancelled => {
            Err(Refusal::new(Code::TooLate, "The kitchen has begun. Please ask the staff.").with_current(order))
        }
    }
}

fn end(order: &mut Order, reason: Option<&str>, at: Timestamp) {
    order.state = OrderState::Cancelled;
    order.start_at = None;
    order.cancelled_at = Some(at);
    order.cancel_reason = reason.map(str::to_owned);
}

/// The line that a tap on work means, if it may be touched with the picture that the sender had.
fn tapped<'a>(
    order: &'a Order,
    line: LineId,
    station: Option<StationId>,
    ctx: Context<'_>,
) -> Result<&'a Line, Refusal> {
    let line = tapped_at(order, line, station)?;
    allergy_confirmed(order)?;
    unchanged(order, line, ctx)?;
    not_voided(order, line)?;
    course::fired(order, line)?;
    Ok(line)
}

fn tapped_at(order: &Order, line: LineId, station: Option<StationId>) -> Result<&Line, Refusal> {
    let line = order.line(line).ok_or_else(|| unknown_line(order))?;
    if station.is_some_and(|station| !line.tasks.iter().any(|task| task.station == station)) {
        return Err(Refusal::new(Code::UnknownStation, "This line is not cooked at that station.").with_current(order));
    }
    Ok(line)
}

fn touch(
    order: &Order,
    line: &Line,
    station: Option<StationId>,
    kind: Kind,
    ctx: Context<'_>,
    change: impl Fn(&mut Task),
) -> Outcome {
    let mut next = order.clone();
    for task in next.lines.iter_mut().filter(|l| l.id == line.id).flat_map(|l| &mut l.tasks) {
        if station.is_none_or(|station| station == task.station) {
            change(task);
        }
    }
    Ok(settled(order, next, kind, ctx.at))
}

/// Settles the order's state if any task changed.
fn settled(before: &Order, mut next: Order, kind: Kind, at: Timestamp) -> Option<(Kind, Order)> {
    if next.lines == before.lines {
        return None;
    }
    settle(&mut next, at);
    Some((kind, next))
}

/// The order's state follows from its tasks.
fn settle(order: &mut Order, at: Timestamp) {
    let working: Vec<LineState> = order.lines.iter().map(Line::state).filter(|s| *s != LineState::Voided).collect();
    let begun = working.iter().any(|s| matches!(s, LineState::Started | LineState::Done));
    if begun {
        order.confirmed_at.get_or_insert(at);
        order.started_at.get_or_insert(at);
    } else {
        order.started_at = None;
    }
    let all_done = !working.is_empty() && working.iter().all(|s| *s == LineState::Done);
    if all_done && order.state == OrderState::Completed {
        return;
    }
    order.completed_at = None;
    order.state = if all_done {
        order.ready_at.get_or_insert(at);
        OrderState::Ready
    } else {
        order.ready_at = None;
        if begun {
            OrderState::Preparing
        } else if order.confirmed_at.is_some() {
            OrderState::Confirmed
        } else {
            OrderState::Pending
        }
    };
}

fn unchanged(order: &Order, line: &Line, ctx: Context<'_>) -> Result<(), Refusal> {
    if ctx.base_version.is_some_and(|base| base < line.changed) {
        return Err(Refusal::new(Code::Changed, "This line changed before your tap arrived. Look again, then tap.")
            .with_current(order));
    }
    Ok(())
}

fn not_voided(order: &Order, line: &Line) -> Result<(), Refusal> {
    if line.state() == LineState::Voided {
        return Err(Refusal::new(Code::Changed, "This line was taken off the order.").with_current(order));
    }
    Ok(())
}

fn not_completed(order: &Order) -> Result<(), Refusal> {
    if order.state == OrderState::Completed {
        return Err(
            Refusal::new(Code::WrongState, format!("Order {} is served already.", order.number)).with_current(order)
        );
    }
    Ok(())
}

fn allergy_confirmed(order: &Order) -> Result<(), Refusal> {
    if order.allergy.is_some() && order.allergy_confirmed_at.is_none() {
        return Err(Refusal::new(Code::AllergyUnconfirmed, "Confirm the allergy first.").with_current(order));
    }
    Ok(())
}

fn unknown_line(order: &Order) -> Refusal {
    Refusal::new(Code::UnknownLine, "This order has no such line.").with_current(order)
}

/// Lines that ended without being begun give their portions back.
fn returned_portions(before: &Order, after: &Order) -> Vec<(ItemId, i64)> {
    let cancelled = after.state == OrderState::Cancelled && before.state != OrderState::Cancelled;
    before
        .lines
        .iter()
        .zip(&after.lines)
        .filter(|(old, new)| old.state() == LineState::Queued && (cancelled || new.state() == LineState::Voided))
        .map(|(old, _)| (old.item, old.quantity))
        .collect()
}
