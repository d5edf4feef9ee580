//! Who may take an order back, and until when (DESIGN §5).

use super::making::{NOON, OWN, cases, placed};
use super::play::{Step, Who, Wish, actor, command, cooked, played, tapped, work};
use comanda::domain::command::Command;
use comanda::domain::order::{Order, OrderState, TaskState};
use comanda::domain::people::Actor;
use comanda::domain::refusal::Code;
use proptest::prelude::*;
use std::time::Duration;

/// Guests: their own order, while it is pending, or within 60 s of being confirmed if nothing was touched.
fn guest_may(step: &Step, own: bool) -> Result<(), Code> {
    let order = &step.before;
    if !own {
        return Err(Code::Forbidden);
    }
    let untouched = order
        .lines
        .iter()
        .flat_map(|line| &line.tasks)
        .all(|task| matches!(task.state, TaskState::Queued | TaskState::Voided));
    let fresh = order.confirmed_at.is_some_and(|at| step.at.since(at) <= Duration::from_secs(60));
    match order.state {
        OrderState::Pending => Ok(()),
        OrderState::Confirmed if untouched && fresh => Ok(()),
        _ => Err(Code::TooLate),
    }
}

/// Staff: with a reason, until it is served.
fn staff_may(order: &Order, reason: &str) -> Result<(), Code> {
    if reason.is_empty() {
        return Err(Code::Invalid);
    }
    if order.state == OrderState::Completed { Err(Code::WrongState) } else { Ok(()) }
}

fn about_a_minute() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..120_000, Just(59_999), Just(60_000), Just(60_001)]
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn an_order_is_cancelled_by_those_who_may_and_while_they_may(steps in played()) {
        for step in &steps {
            let Command::CancelOrder(cancel) = &step.command else { continue };
            let reason = cancel.reason.as_deref().unwrap_or_default().trim();
            let may = match &step.actor {
                _ if step.before.state == OrderState::Cancelled => Ok(()),
                Actor::Guest { guest, .. } | Actor::Takeaway { guest } => guest_may(step, *guest == OWN),
                Actor::Staff { .. } | Actor::Screen { .. } => staff_may(&step.before, reason),
                Actor::System => staff_may(&step.before, "none needed"),
            };
            prop_assert_eq!(step.outcome.as_ref().map(|_| ()).map_err(|refusal| refusal.code), may);
            if let Some(change) = step.change() {
                prop_assert_eq!(change.order.cancel_reason.as_deref().unwrap_or_default(), reason);
                prop_assert_eq!(change.order.cancelled_at, Some(step.at));
                prop_assert_eq!(&change.order.lines, &step.before.lines, "what was cooked stays known");
            }
        }
    }

    #[test]
    fn a_guest_can_do_nothing_but_cancel(order in placed(false), wish in work(), own in any::<bool>()) {
        let guest = actor(if own { Who::Owner } else { Who::OtherGuest });
        let step = tapped(&order, command(&order, &wish), guest, NOON, None);
        prop_assert_eq!(step.outcome.map_err(|refusal| refusal.code), Err(Code::Forbidden));
    }

    #[test]
    fn taking_the_last_line_off_cancels_the_order(order in placed(false)) {
        let last = order.lines.len() - 1;
        let mut now = order;
        for n in 0..=last {
            prop_assert_ne!(now.state, OrderState::Cancelled);
            now = cooked(&now, &Wish::Void(n), NOON).after().clone();
        }
        prop_assert_eq!(now.state, OrderState::Cancelled);
        prop_assert_eq!(now.cancel_reason.as_deref(), Some("dropped"));
        prop_assert_eq!((now.totals.subtotal, now.totals.total), (0, 0));
    }

    #[test]
    fn the_last_second_of_a_guests_minute_counts_and_the_next_does_not(
        order in placed(false), late_ms in about_a_minute(),
    ) {
        prop_assume!(order.state == OrderState::Confirmed);
        let cancel = command(&order, &Wish::Cancel(None));
        let step = tapped(&order, cancel, actor(Who::Owner), NOON.plus(Duration::from_millis(late_ms)), None);
        prop_assert_eq!(step.change().is_some(), late_ms <= 60_000);
    }
}
