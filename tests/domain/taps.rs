//! Taps that meet others: what merges, what is refused as `changed` (W5), and what an undo brings back.

use super::making::{NOON, cases, placed, station};
use super::play::{Step, Tap, Wish, command, cooked, play, played, tap};
use comanda::domain::command::{Command, RecallTo};
use comanda::domain::ids::{LineId, StationId};
use comanda::domain::order::{Line, LineState, Order, OrderState, Task, TaskState};
use comanda::domain::people::Role;
use comanda::domain::refusal::Code;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

/// The lines that a tap on work means, and whether each must not be voided: `None` for other commands, and
/// for taps that are refused before anybody looks at the picture.
fn meant(step: &Step) -> Option<(Vec<&Line>, bool)> {
    let order = &step.before;
    let sees_allergy = order.allergy.is_none() || order.allergy_confirmed_at.is_some();
    if !step.actor.is_at_least(Role::Kitchen) || order.state == OrderState::Cancelled || !sees_allergy {
        return None;
    }
    match &step.command {
        Command::StartLine(c) | Command::FinishLine(c) => {
            let line = order.line(c.line)?;
            let here = c.station.is_none_or(|station| at_station(line, station));
            here.then(|| (vec![line], true))
        }
        Command::BumpOrder(c) => {
            let mine = |line: &&Line| c.stations.is_empty() || c.stations.iter().any(|s| at_station(line, *s));
            let lines: Vec<&Line> = order.lines.iter().filter(mine).collect();
            (!lines.is_empty()).then_some((lines, false))
        }
        _ => None,
    }
}

fn at_station(line: &Line, station: StationId) -> bool {
    line.tasks.iter().any(|task| task.station == station)
}

/// When each line was last recalled, voided, moved or made again, counted from the steps alone.
fn note_changes(changed: &mut HashMap<LineId, i64>, step: &Step) {
    let Some(change) = step.change() else { return };
    let recalls = matches!(
        step.command,
        Command::RecallOrder(_)
            | Command::RecallLine(_)
            | Command::VoidLine(_)
            | Command::RemakeLine(_)
            | Command::MoveLine(_)
    );
    for (old, new) in step.before.lines.iter().zip(&change.order.lines) {
        if recalls && old.tasks != new.tasks {
            changed.insert(new.id, change.order.version);
        }
    }
}

fn states(tasks: &[Task]) -> Vec<TaskState> {
    tasks.iter().map(|task| task.state).collect()
}

/// The same but for what counts changes.
fn alike(one: &Order, other: &Order) -> bool {
    let plain = |order: &Order| {
        let mut order = Order { version: 0, ..order.clone() };
        order.lines.iter_mut().for_each(|line| line.changed = 0);
        order
    };
    plain(one) == plain(other)
}

/// An order that the kitchen may touch, after some taps of the kitchen's own.
fn under_way() -> impl Strategy<Value = Order> {
    (placed(false), vec(tap(), 0..12)).prop_map(|(order, taps): (Order, Vec<Tap>)| {
        let seen = cooked(&order, &Wish::ConfirmAllergy, NOON).after().clone();
        play(&seen, &taps).last().map_or(seen, |step| step.after().clone())
    })
}

const LATER: Duration = Duration::from_secs(3600);

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_tap_older_than_the_last_recall_or_void_of_its_line_is_refused_as_changed_and_a_newer_one_merges(
        steps in played(),
    ) {
        let mut changed: HashMap<LineId, i64> = HashMap::new();
        for step in &steps {
            if let Some((lines, unless_voided)) = meant(step) {
                let since = |line: &&Line| changed.get(&line.id).copied().unwrap_or(0);
                let old = step.base_version.is_some_and(|base| lines.iter().any(|line| base < since(line)));
                let voided = unless_voided && lines.iter().any(|line| line.state() == LineState::Voided);
                let refused = step.outcome.as_ref().err().map(|refusal| refusal.code);
                let waits = unless_voided && lines.iter().any(|line| line.held);
                let expected = if old || voided { Some(Code::Changed) } else { waits.then_some(Code::OnHold) };
                prop_assert_eq!(refused, expected, "{:?}", &step.command);
            }
            note_changes(&mut changed, step);
        }
    }

    #[test]
    fn a_line_remembers_the_version_of_its_last_recall_or_void(steps in played()) {
        let mut changed: HashMap<LineId, i64> = HashMap::new();
        for step in &steps {
            note_changes(&mut changed, step);
            for line in &step.after().lines {
                prop_assert_eq!(line.changed, changed.get(&line.id).copied().unwrap_or(0));
            }
        }
    }

    /// Nothing of a line with an allergy is touched before somebody said that it was seen.
    #[test]
    fn an_unconfirmed_allergy_keeps_everybody_from_the_work(steps in played()) {
        for step in &steps {
            let open = step.before.allergy.is_some() && step.before.allergy_confirmed_at.is_none();
            let work = matches!(step.command, Command::StartLine(_) | Command::FinishLine(_) | Command::BumpOrder(_));
            prop_assert!(!(open && work && step.change().is_some()));
        }
    }

    /// Two cooks tap at once: which tap comes first makes no difference.
    #[test]
    fn taps_on_different_work_commute(
        order in under_way(), a in 0usize..7, b in 0usize..7, at_a in 0usize..3, at_b in 0usize..3,
        done in any::<bool>(),
    ) {
        prop_assume!((a, at_a) != (b, at_b));
        let first = Wish::Done(a, Some(at_a));
        let second = if done { Wish::Done(b, Some(at_b)) } else { Wish::Start(b, Some(at_b)) };
        let at = NOON.plus(LATER);
        let both = |one: &Wish, other: &Wish| cooked(cooked(&order, one, at).after(), other, at).after().clone();
        prop_assert_eq!(both(&first, &second), both(&second, &first));
    }

    /// Bumping a ticket is finishing every line of it.
    #[test]
    fn a_bump_is_done_on_every_line_at_its_stations(order in under_way(), at in 0usize..3) {
        let now = NOON.plus(LATER);
        let bumped = cooked(&order, &Wish::Bump(vec![at]), now);
        prop_assume!(bumped.outcome.is_ok());
        let one_by_one = (0..order.lines.len()).fold(order.clone(), |order, line| {
            cooked(&order, &Wish::Done(line, Some(at)), now).after().clone()
        });
        prop_assert!(alike(bumped.after(), &one_by_one));
        let fired = bumped.after().lines.iter().filter(|line| !line.held);
        let tasks = fired.flat_map(|line| &line.tasks).filter(|task| task.station == station(at));
        prop_assert!(tasks.into_iter().all(|task| matches!(task.state, TaskState::Done | TaskState::Voided)));
    }

    /// A slip of the finger on work that nobody had begun leaves no trace but the confirmation.
    #[test]
    fn undoing_a_slip_on_an_untouched_line_restores_the_order(
        order in under_way(), n in 0usize..7, done in any::<bool>(),
    ) {
        let untouched = order.lines.get(n).is_some_and(|line| line.tasks.iter().all(|t| t.state == TaskState::Queued));
        let fired = order.lines.get(n).is_some_and(|line| !line.held);
        prop_assume!(untouched && fired && order.state != OrderState::Cancelled);
        let at = NOON.plus(LATER);
        let slip = cooked(&order, &if done { Wish::Done(n, None) } else { Wish::Start(n, None) }, at);
        let undone = cooked(slip.after(), &Wish::RecallLine(n, None, RecallTo::Queued), at.plus(LATER));
        prop_assert!(slip.change().is_some() && undone.change().is_some());
        let confirmed_at = order.confirmed_at.or(Some(at));
        let state = if order.state == OrderState::Pending { OrderState::Confirmed } else { order.state };
        let expected = Order { confirmed_at, state, ..order.clone() };
        prop_assert!(alike(undone.after(), &expected));
    }

    /// "Done" on a started line, taken back to started: the time it was started is still known.
    #[test]
    fn undoing_done_on_started_work_restores_the_order(order in under_way(), n in 0usize..7, at in 0usize..3) {
        let order = cooked(&order, &Wish::Start(n, Some(at)), NOON.plus(LATER / 2)).after().clone();
        let task = order.lines.get(n).and_then(|line| line.tasks.iter().find(|task| task.station == station(at)));
        prop_assume!(task.is_some_and(|task| task.state == TaskState::Started) && order.state != OrderState::Cancelled);
        let now = NOON.plus(LATER);
        let slip = cooked(&order, &Wish::Done(n, Some(at)), now);
        let undone = cooked(slip.after(), &Wish::RecallLine(n, Some(at), RecallTo::Started), now.plus(LATER));
        prop_assert!(slip.change().is_some() && undone.change().is_some());
        prop_assert!(alike(undone.after(), &order));
    }

    /// An undo of a bump names what the bump had changed, by what it was: two recalls bring all of it back.
    #[test]
    fn undoing_a_bump_restores_every_task_that_it_finished(order in under_way(), at in 0usize..3) {
        let now = NOON.plus(LATER);
        let bumped = cooked(&order, &Wish::Bump(vec![at]), now);
        prop_assume!(bumped.change().is_some());
        let were = |state: TaskState| -> Vec<usize> {
            let mine = |line: &Line| line.tasks.iter().any(|task| task.station == station(at) && task.state == state);
            (0..order.lines.len()).filter(|n| mine(&order.lines[*n])).collect()
        };
        let mut undone = bumped.after().clone();
        for (was, to) in [(TaskState::Queued, RecallTo::Queued), (TaskState::Started, RecallTo::Started)] {
            // No line named would mean all.
            if !were(was).is_empty() {
                let recall = Wish::Recall(vec![at], were(was), to);
                undone = cooked(&undone, &recall, now.plus(LATER)).after().clone();
            }
        }
        for (line, before) in undone.lines.iter().zip(&order.lines) {
            prop_assert_eq!(&line.tasks, &before.tasks);
        }
        let state = if order.state == OrderState::Pending { OrderState::Confirmed } else { order.state };
        prop_assert_eq!(undone.state, state);
    }

    #[test]
    fn recall_brings_done_work_back_and_touches_nothing_else(
        order in under_way(), n in 0usize..7, at in prop::option::of(0usize..3),
    ) {
        let recalled = cooked(&order, &Wish::RecallLine(n, at, RecallTo::Started), NOON.plus(LATER));
        let Some(change) = recalled.change() else { return Ok(()) };
        for (i, (old, new)) in order.lines.iter().zip(&change.order.lines).enumerate() {
            for (before, after) in old.tasks.iter().zip(&new.tasks) {
                let named = i == n && at.is_none_or(|at| station(at) == before.station);
                let recalled = named && before.state == TaskState::Done;
                let expected = if recalled { TaskState::Started } else { before.state };
                prop_assert_eq!(after.state, expected);
                prop_assert_eq!(after.started_at, before.started_at);
            }
        }
        prop_assert_eq!(change.order.state, OrderState::Preparing);
    }

    #[test]
    fn what_was_recalled_can_be_done_again(order in under_way()) {
        let at = NOON.plus(LATER);
        let ready = cooked(&order, &Wish::Bump(Vec::new()), at).after().clone();
        prop_assume!(ready.state == OrderState::Ready);
        let back = cooked(&ready, &Wish::Recall(Vec::new(), Vec::new(), RecallTo::Started), at);
        prop_assert_eq!(back.after().state, OrderState::Preparing);
        prop_assert_eq!(back.after().ready_at, None);
        let again = cooked(back.after(), &Wish::Bump(Vec::new()), at.plus(LATER));
        prop_assert_eq!(again.after().state, OrderState::Ready);
        prop_assert_eq!(again.after().ready_at, Some(at.plus(LATER)));
    }
}

/// Two screens, one second apart: the second tap says what the first said, and nothing happens twice.
#[test]
fn the_same_tap_from_two_screens_is_one() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let order =
        placed(false).prop_filter("no allergy", |o| o.allergy.is_none()).new_tree(&mut runner).unwrap().current();
    let first = cooked(&order, &Wish::Start(0, None), NOON);
    let done = command(&order, &Wish::Done(0, None));
    let both = super::play::tapped(first.after(), done.clone(), first.actor.clone(), NOON, Some(order.version));
    let again = super::play::tapped(both.after(), done, first.actor.clone(), NOON, Some(order.version));
    assert_eq!(states(&both.after().lines[0].tasks)[0], TaskState::Done);
    assert_eq!(again.outcome, Ok(None));
}
