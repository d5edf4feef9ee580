//! Commands from sockets, batches and scripts: every tap of a cook, every wish of a waiter.

use super::{Commands, body_hash};
use crate::domain::command::{Command, MarkShown, Request};
use crate::domain::ids::CommandId;
use crate::domain::limits::COMMAND_STATIONS;
use crate::domain::people::{Actor, Role};
use crate::domain::refusal::{Code, Refusal};
use crate::hub::drawn::GATHERED;
use crate::identity::tokens::Claims;
use crate::protocol::client::CommandMessage;
use crate::store::committer::{Answer, Submission};

impl Commands {
    /// Submits a command now (calls of one sender are decided in their order); the future has the answer.
    pub fn tap(&self, claims: &Claims, message: CommandMessage) -> impl Future<Output = Answer> + Send + use<> {
        let CommandMessage { id, name, args, base_version } = message;
        let command = Command::parse(&name, args).and_then(|command| allowed(claims, command));
        let submitted = command.map(|command| {
            let body_hash = body_hash(&command, base_version);
            let request = Request { id, actor: claims.actor.clone(), command, base_version };
            let restaurant = claims.restaurant;
            self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false })
        });
        async move {
            match submitted {
                Ok(answer) => answer.await,
                Err(refusal) => Answer::Refused(refusal),
            }
        }
    }

    /// A screen has drawn tickets (W7). `None`: so it is known, because another had, or said so in its name. Only for
    /// those who may say so: who may not (`Role::Kitchen`) is refused when it says so alone.
    pub fn shown(&self, claims: &Claims, receipt: MarkShown) -> impl Future<Output = Option<Answer>> + Send + use<> {
        let (restaurant, actor) = (claims.restaurant, claims.actor.clone());
        let (room, committer, id) = (self.hub.find(restaurant), self.committer.clone(), CommandId((self.source.id)()));
        let submit = move |actor: Actor, receipt: MarkShown| {
            let command = Command::MarkShown(receipt);
            let body_hash = body_hash(&command, None);
            let request = Request { id, actor, command, base_version: None };
            committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false })
        };
        async move {
            if let Err(refusal) = Command::MarkShown(receipt.clone()).check() {
                return Some(Answer::Refused(refusal));
            }
            let room = room.filter(|_| actor.is_at_least(Role::Kitchen));
            let Some((room, head)) = room.and_then(|room| room.head().map(|head| (room, head))) else {
                return Some(submit(actor, receipt).await);
            };
            let _waiting = room.drawn.add(&receipt);
            let mut drawn = room.drawn.turn().await;
            if drawn.covers(head.epoch, &receipt.stations, receipt.seq) {
                return None;
            }
            // What is above all that is known here must not come to mean what is written while it waits.
            if receipt.seq <= head.seq {
                tokio::time::sleep(GATHERED).await;
            }
            let MarkShown { seq, stations, kind } = room.drawn.gathered(&receipt, COMMAND_STATIONS);
            let actor = if stations.len() > receipt.stations.len() { Actor::System } else { actor };
            let answer = submit(actor, MarkShown { seq, stations: stations.clone(), kind }).await;
            // What a screen drew of one kind only says nothing of the others.
            if let (Answer::Accepted(done), None) = (&answer, kind) {
                // No further than the feed: what comes later was not drawn, whatever the screen says.
                drawn.note(head.epoch, &stations, seq.min(done.seq));
            }
            Some(answer)
        }
    }
}

/// Guests may cancel their own order, give a PIN, call the staff and take a call back; the rest is the staff's.
fn allowed(claims: &Claims, command: Command) -> Result<Command, Refusal> {
    let guests_too =
        matches!(command, Command::CancelOrder(_) | Command::GivePin(_) | Command::CallStaff(_) | Command::CallDone(_));
    match &claims.actor {
        Actor::Guest { .. } if !guests_too => Err(Refusal::new(Code::Forbidden, "Only the staff can do this.")),
        Actor::Takeaway { .. } if !matches!(command, Command::CancelOrder(_)) => {
            Err(Refusal::new(Code::Forbidden, "Only the staff can do this."))
        }
        Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => {
            Ok(command)
        }
    }
}
