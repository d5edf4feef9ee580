//! The committer's queue, without a database.

use super::*;
use crate::domain::command::{Command, OrderRef};
use crate::domain::ids::OrderId;
use crate::domain::people::Actor;

fn waiting(restaurant: u128) -> Waiting {
    let request = Request {
        id: CommandId(Uuid::new_v4()),
        actor: Actor::System,
        command: Command::ConfirmOrder(OrderRef { order: OrderId(Uuid::nil()) }),
        base_version: None,
    };
    let restaurant = RestaurantId(Uuid::from_u128(restaurant));
    let submission = Submission { restaurant, request, body_hash: [0; 32], priced: None, unwatched: false };
    (submission, oneshot::channel().0, Instant::now())
}

#[test]
fn a_busy_restaurant_takes_16_places_while_others_wait_and_all_when_alone() {
    let minute = Duration::from_secs(60);
    let mut backlog: VecDeque<Waiting> = (0..40).map(|_| waiting(1)).chain((0..3).map(|_| waiting(2))).collect();
    let ids: Vec<CommandId> = backlog.iter().map(|w| w.0.request.id).collect();
    let batch = pick(&mut backlog, minute);
    assert_eq!(batch.len(), 43, "there was room for the rest of the busy one");
    assert_eq!(batch[16].0.restaurant.0.as_u128(), 2);
    let of_one: Vec<CommandId> =
        batch.iter().filter(|w| w.0.restaurant.0.as_u128() == 1).map(|w| w.0.request.id).collect();
    assert_eq!(of_one, ids[..40], "commands of one restaurant keep their order");

    let mut backlog: VecDeque<Waiting> = (0..100).map(|_| waiting(1)).collect();
    assert_eq!(pick(&mut backlog, minute).len(), BATCH_COMMANDS);
    assert_eq!(backlog.len(), 36);
}
