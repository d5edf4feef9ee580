//! Bringing back: a ticket or a line that was done is the kitchen's work again.

use super::{Context, Outcome, not_voided, settled, tapped_at, unknown_line};
use crate::domain::command::{Recall, RecallLine, RecallTo};
use crate::domain::event::Kind;
use crate::domain::order::{Line, Order, Task, TaskState};

pub fn recall_order(order: &Order, command: &Recall, ctx: Context<'_>) -> Outcome {
    for id in &command.lines {
        order.line(*id).ok_or_else(|| unknown_line(order))?;
    }
    let mut next = order.clone();
    for line in &mut next.lines {
        if command.lines.is_empty() || command.lines.contains(&line.id) {
            let mine = |task: &Task| command.stations.is_empty() || command.stations.contains(&task.station);
            recall_tasks(line, mine, command.to, order.version + 1);
        }
    }
    Ok(settled(order, next, Kind::OrderRecalled, ctx.at))
}

pub fn recall_line(order: &Order, command: &RecallLine, ctx: Context<'_>) -> Outcome {
    let line = tapped_at(order, command.line, command.station)?;
    not_voided(order, line)?;
    let id = line.id;
    let mut next = order.clone();
    for line in next.lines.iter_mut().filter(|line| line.id == id) {
        let mine = |task: &Task| command.station.is_none_or(|station| station == task.station);
        recall_tasks(line, mine, command.to, order.version + 1);
    }
    Ok(settled(order, next, Kind::LineRecalled, ctx.at))
}

fn recall_tasks(line: &mut Line, mine: impl Fn(&Task) -> bool, to: RecallTo, version: i64) {
    let mut any = false;
    for task in line.tasks.iter_mut().filter(|task| mine(task)) {
        let changes = match to {
            RecallTo::Started => task.state == TaskState::Done,
            RecallTo::Queued => matches!(task.state, TaskState::Done | TaskState::Started),
        };
        if changes {
            any = true;
            task.done_at = None;
            (task.state, task.started_at) = match to {
                RecallTo::Started => (TaskState::Started, task.started_at),
                RecallTo::Queued => (TaskState::Queued, None),
            };
        }
    }
    if any {
        line.changed = version;
    }
}
