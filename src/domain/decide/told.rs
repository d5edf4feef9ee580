//! Where guests are told of an order, and how far that got.

use super::{Context, Outcome};
use crate::domain::command::{NoteTold, TellGuest};
use crate::domain::event::Kind;
use crate::domain::order::{Order, OrderState};
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};

/// Guests say where they are told of their own orders; of the address itself an order only knows the channel.
pub fn tell(order: &Order, command: &TellGuest, ctx: Context<'_>) -> Outcome {
    match ctx.actor {
        Actor::Guest { guest, .. } | Actor::Takeaway { guest } if order.guest != Some(*guest) => {
            return Err(Refusal::new(Code::Forbidden, "Only the phone that ordered can say where it is told."));
        }
        Actor::Staff { .. } | Actor::Screen { .. } if !ctx.actor.is_at_least(Role::Waiter) => {
            return Err(Refusal::new(Code::Forbidden, "This needs the role `waiter` or higher."));
        }
        Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {}
    }
    let channel = command.contact.as_ref().map(|contact| contact.channel);
    if channel.is_some() && matches!(order.state, OrderState::Completed | OrderState::Cancelled) {
        return Err(
            Refusal::new(Code::WrongState, "There is nothing more to be told of this order.").with_current(order)
        );
    }
    Ok((order.told_by != channel).then(|| (Kind::OrderTold, Order { told_by: channel, ..order.clone() })))
}

/// Only the server knows, and only what is news counts.
pub fn told(order: &Order, command: &NoteTold, ctx: Context<'_>) -> Option<(Kind, Order)> {
    let news = matches!(ctx.actor, Actor::System) && command.told.is_news_after(order.told.as_ref());
    news.then(|| (Kind::OrderTold, Order { told: Some(command.told), ..order.clone() }))
}
