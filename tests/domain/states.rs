//! The state machine of an order: whatever is tapped by whomever in whichever order, the states stay those of
//! DESIGN §5, say what the tasks are, and every number that depends on them is right.

use super::making::{NOON, cases, placed};
use super::play::{Step, Who, actor, command, cooked, played, tapped, wish, work};
use comanda::domain::command::Command;
use comanda::domain::decide::release;
use comanda::domain::event::Kind;
use comanda::domain::ids::{LineId, StationId};
use comanda::domain::money::Totals;
use comanda::domain::order::{Line, LineState, Order, OrderState, Task, TaskState};
use comanda::domain::refusal::Code;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// Where an order may go from each state by one command.
fn ways(from: OrderState) -> &'static [OrderState] {
    use OrderState::*;
    match from {
        Pending => &[Pending, Confirmed, Preparing, Ready, Cancelled],
        Confirmed => &[Confirmed, Preparing, Ready, Cancelled],
        Preparing => &[Preparing, Ready, Confirmed, Cancelled],
        Ready => &[Ready, Completed, Preparing, Confirmed, Cancelled],
        Completed => &[Completed, Preparing, Confirmed],
        Cancelled => &[],
    }
}

fn working(order: &Order) -> Vec<&Line> {
    order.lines.iter().filter(|line| line.state() != LineState::Voided).collect()
}

fn begun(order: &Order) -> bool {
    working(order).iter().flat_map(|line| &line.tasks).any(|task| task.state != TaskState::Queued)
}

fn all_done(order: &Order) -> bool {
    let working = working(order);
    !working.is_empty() && working.iter().flat_map(|line| &line.tasks).all(|task| task.state == TaskState::Done)
}

/// What a state says and what the lines say is the same.
fn holds_together(order: &Order) -> Result<(), TestCaseError> {
    use OrderState::*;
    let state = order.state;
    prop_assert_eq!(state == Cancelled, order.cancelled_at.is_some());
    prop_assert_eq!(state == Completed, order.completed_at.is_some());
    if state != Cancelled {
        prop_assert!(!working(order).is_empty(), "an order without a line is cancelled");
        prop_assert_eq!(matches!(state, Ready | Completed), all_done(order), "ready iff all tasks are done");
        prop_assert_eq!(matches!(state, Ready | Completed), order.ready_at.is_some());
        prop_assert_eq!(state == Preparing, begun(order) && !all_done(order));
        prop_assert_eq!(order.started_at.is_some(), begun(order));
        prop_assert_eq!(state == Pending, order.confirmed_at.is_none());
    }
    for line in &order.lines {
        let voided = line.tasks.iter().filter(|task| task.state == TaskState::Voided).count();
        prop_assert_eq!(voided, if line.void_reason.is_some() { line.tasks.len() } else { 0 });
        prop_assert!(line.changed <= order.version);
        for task in &line.tasks {
            timed(task)?;
        }
    }
    Ok(())
}

fn timed(task: &Task) -> Result<(), TestCaseError> {
    let times = (task.started_at.is_some(), task.done_at.is_some());
    match task.state {
        TaskState::Queued => prop_assert_eq!(times, (false, false)),
        TaskState::Started => prop_assert_eq!(times, (true, false)),
        TaskState::Done => prop_assert_eq!(times, (true, true)),
        TaskState::Voided => {}
    }
    prop_assert!(task.done_at.is_none() || task.started_at <= task.done_at);
    Ok(())
}

/// The order without everything that the kitchen does to it.
fn what_it_is(order: &Order) -> Order {
    let plain = |line: &Line| {
        let tasks =
            line.tasks.iter().map(|task| Task { state: TaskState::Queued, started_at: None, done_at: None, ..*task });
        // A station may give its work to another: how many tasks there are stays.
        let tasks = tasks.map(|task: Task| Task { station: StationId(Uuid::nil()), ..task }).collect();
        Line { changed: 0, void_reason: None, held: false, called_at: None, remakes: 0, tasks, ..line.clone() }
    };
    Order {
        state: OrderState::Pending,
        version: 0,
        allergy_confirmed_at: None,
        rush: false,
        confirmed_at: None,
        started_at: None,
        ready_at: None,
        completed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        totals: Totals::default(),
        lines: order.lines.iter().map(plain).collect(),
        ..order.clone()
    }
}

/// The kind of event that a command makes, if it makes one.
fn kind_of(command: &Command, after: &Order) -> Kind {
    match command {
        Command::ConfirmOrder(_) => Kind::OrderConfirmed,
        Command::ConfirmAllergy(_) => Kind::OrderAllergyConfirmed,
        Command::CompleteOrder(_) => Kind::OrderCompleted,
        Command::RushOrder(_) => Kind::OrderRush,
        Command::BumpOrder(_) => Kind::OrderBumped,
        Command::RecallOrder(_) => Kind::OrderRecalled,
        Command::CancelOrder(_) => Kind::OrderCancelled,
        Command::StartLine(_) => Kind::LineStarted,
        Command::FinishLine(_) => Kind::LineDone,
        Command::RecallLine(_) => Kind::LineRecalled,
        Command::VoidLine(_) if after.state == OrderState::Cancelled => Kind::OrderCancelled,
        Command::VoidLine(_) => Kind::LineVoided,
        Command::HoldLine(_) => Kind::LineHeld,
        Command::FireLine(_) => Kind::LineFired,
        Command::MoveLine(_) => Kind::LineMoved,
        Command::RemakeLine(_) => Kind::LineRemade,
        Command::ReopenOrder(_) => Kind::OrderReopened,
        other => panic!("{other:?} is not about one order"),
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_path_leads_out_of_the_states(steps in played()) {
        for step in &steps {
            let (from, to) = (step.before.state, step.after().state);
            let back = matches!(step.command, Command::ReopenOrder(_)) && (from, to) == (OrderState::Completed, OrderState::Ready);
            let allowed = step.change().is_none() || ways(from).contains(&to) || back;
            prop_assert!(allowed, "{:?} to {:?} by {:?}", from, to, step.command);
        }
    }

    #[test]
    fn the_state_says_what_the_tasks_are_and_an_order_is_ready_iff_all_are_done(steps in played()) {
        holds_together(&steps[0].before)?;
        for step in &steps {
            holds_together(step.after())?;
        }
    }

    #[test]
    fn the_totals_are_always_those_of_the_lines(steps in played()) {
        for step in &steps {
            let after = step.after();
            let sum: i64 = working(after).iter().map(|line| line.unit_price * line.quantity).sum();
            prop_assert_eq!(after.totals.subtotal, sum);
            prop_assert_eq!(after.totals, after.summed());
        }
    }

    #[test]
    fn a_change_raises_the_version_by_exactly_one_and_says_something(steps in played()) {
        for step in &steps {
            if let Some(change) = step.change() {
                prop_assert_eq!(change.order.version, step.before.version + 1);
                prop_assert_eq!(change.kind, kind_of(&step.command, &change.order));
                let same = Order { version: step.before.version, ..change.order.clone() };
                prop_assert_ne!(&same, &step.before, "an event that says nothing new");
            }
        }
    }

    #[test]
    fn what_an_order_is_never_changes(steps in played()) {
        for step in &steps {
            prop_assert_eq!(what_it_is(&step.before), what_it_is(step.after()));
        }
    }

    /// A decision is a function of its arguments, and what a refusal shows is the order as it is.
    #[test]
    fn a_refusal_leaves_the_order_untouched_and_shows_it_as_it_is(steps in played()) {
        for step in &steps {
            let again = tapped(&step.before, step.command.clone(), step.actor.clone(), step.at, step.base_version);
            prop_assert_eq!(&again.outcome, &step.outcome);
            if let Err(refusal) = &step.outcome {
                prop_assert_eq!(step.after(), &step.before);
                prop_assert!(refusal.current.as_deref().is_none_or(|shown| shown == &step.before));
                prop_assert!(!refusal.message.is_empty());
            }
        }
    }

    #[test]
    fn a_command_that_is_repeated_changes_nothing_more(steps in played()) {
        for step in steps.iter().filter(|step| step.change().is_some()) {
            let again = tapped(step.after(), step.command.clone(), step.actor.clone(), step.at, None);
            let ended = matches!(step.command, Command::VoidLine(_)) && step.after().state == OrderState::Cancelled;
            match again.outcome {
                Ok(change) => prop_assert_eq!(change, None),
                Err(refusal) => prop_assert!(ended && refusal.code == Code::WrongState, "{:?}", refusal),
            }
        }
    }

    /// Stock comes back for what was never begun, and for each line once, whatever happens to it later.
    #[test]
    fn portions_come_back_at_most_once_and_only_if_nothing_was_begun(steps in played()) {
        let mut returned: HashMap<LineId, i64> = HashMap::new();
        for (step, change) in steps.iter().filter_map(|step| Some((step, step.change()?))) {
            let ended = |old: &Line, new: &Line| {
                let voided = new.state() == LineState::Voided && old.state() != LineState::Voided;
                let cancelled = change.order.state == OrderState::Cancelled && old.state() != LineState::Voided;
                old.state() == LineState::Queued && (voided || cancelled)
            };
            let lines = step.before.lines.iter().zip(&change.order.lines).filter(|(old, new)| ended(old, new));
            let lines: Vec<&Line> = lines.map(|(old, _)| old).collect();
            let expected: Vec<_> = lines.iter().map(|line| (line.item, line.quantity)).collect();
            prop_assert_eq!(&change.returned, &expected);
            for line in lines {
                *returned.entry(line.id).or_default() += line.quantity;
                prop_assert!(returned[&line.id] <= line.quantity);
            }
        }
    }

    #[test]
    fn a_held_order_is_untouchable_but_can_be_cancelled(order in placed(true), wishes in vec(work(), 1..10)) {
        prop_assert!(order.held && order.state == OrderState::Pending && order.confirmed_at.is_none());
        for wish in &wishes {
            let step = cooked(&order, wish, NOON);
            prop_assert_eq!(step.outcome.map_err(|refusal| refusal.code), Err(Code::Held));
        }
        let cancel = command(&order, &super::play::Wish::Cancel(None));
        prop_assert!(tapped(&order, cancel, actor(Who::Owner), NOON, None).change().is_some());
    }

    /// Waiting at the gate does not make a ticket late: its clock starts when the kitchen gets it.
    #[test]
    fn a_released_order_is_the_kitchens_from_that_moment(
        order in placed(true), wait_s in 0u64..7200, auto in any::<bool>(),
    ) {
        let at = NOON.plus(Duration::from_secs(wait_s));
        let released = release(&order, auto, at);
        holds_together(&released)?;
        prop_assert!(!released.held);
        prop_assert_eq!(released.version, order.version + 1);
        prop_assert_eq!(released.due_at.since(at), order.due_at.since(order.placed_at));
        prop_assert_eq!(released.placed_at, order.placed_at);
        prop_assert_eq!(released.state, if auto { OrderState::Confirmed } else { OrderState::Pending });
        prop_assert_eq!((&released.lines, released.totals), (&order.lines, order.totals));
        prop_assert!(cooked(&released, &super::play::Wish::Rush(true), at).change().is_some());
    }

    #[test]
    fn a_cancelled_order_stays_as_it_is(order in placed(false), wishes in vec(wish(), 1..10)) {
        let cancel = command(&order, &super::play::Wish::Cancel(Some("no gas".to_owned())));
        let cancelled = tapped(&order, cancel, actor(Who::Cook), NOON, None).after().clone();
        prop_assert_eq!(cancelled.state, OrderState::Cancelled);
        for wish in &wishes {
            match cooked(&cancelled, wish, NOON).outcome {
                Ok(change) => prop_assert!(change.is_none()),
                Err(refusal) => prop_assert_eq!(refusal.code, Code::WrongState),
            }
        }
    }

    #[test]
    fn a_completed_order_can_be_brought_back_and_not_be_voided_rushed_or_cancelled(
        order in placed(false), line in 0usize..7,
    ) {
        use super::play::Wish;
        let served = [Wish::ConfirmAllergy, Wish::Bump(Vec::new()), Wish::Complete];
        let served = served.iter().fold(order, |order, wish| cooked(&order, wish, NOON).after().clone());
        prop_assert_eq!(served.state, OrderState::Completed);
        let line = line % served.lines.len();
        for wish in [Wish::Void(line), Wish::Rush(true), Wish::Cancel(Some("late".to_owned()))] {
            let refused = cooked(&served, &wish, NOON).outcome.map_err(|refusal| refusal.code);
            prop_assert_eq!(refused, Err(Code::WrongState));
        }
        let recalled = cooked(&served, &Wish::RecallLine(line, None, Default::default()), NOON);
        prop_assert_eq!(recalled.after().state, OrderState::Preparing);
        prop_assert_eq!(recalled.after().completed_at, None);
    }

    /// The one way to be served is to be ready.
    #[test]
    fn only_what_is_ready_can_be_completed(steps in played()) {
        for step in &steps {
            if let (Command::CompleteOrder(_), Some(_)) = (&step.command, step.change()) {
                prop_assert_eq!(step.before.state, OrderState::Ready);
            }
        }
    }
}

/// A property that never meets what it is about promises nothing.
#[test]
fn the_plays_reach_every_state_and_every_kind() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let steps: Vec<Step> = (0..300).flat_map(|_| played().new_tree(&mut runner).unwrap().current()).collect();
    for state in OrderState::ALL {
        assert!(steps.iter().any(|step| step.after().state == *state), "no play came to {state:?}");
    }
    let kinds = [
        Kind::OrderConfirmed,
        Kind::OrderBumped,
        Kind::OrderRecalled,
        Kind::OrderCompleted,
        Kind::OrderCancelled,
        Kind::OrderRush,
        Kind::OrderAllergyConfirmed,
        Kind::LineStarted,
        Kind::LineDone,
        Kind::LineRecalled,
        Kind::LineVoided,
        Kind::LineHeld,
        Kind::LineFired,
        Kind::LineMoved,
        Kind::LineRemade,
        Kind::OrderReopened,
    ];
    for kind in kinds {
        assert!(steps.iter().filter_map(Step::change).any(|change| change.kind == kind), "no play made {kind:?}");
    }
    for code in [
        Code::Changed,
        Code::AllergyUnconfirmed,
        Code::UnknownLine,
        Code::UnknownStation,
        Code::Forbidden,
        Code::WrongState,
        Code::OnHold,
        Code::TooLate,
        Code::Invalid,
    ] {
        let refused = |step: &Step| step.outcome.as_ref().is_err_and(|refusal| refusal.code == code);
        assert!(steps.iter().any(refused), "no play was refused as {code:?}");
    }
}
