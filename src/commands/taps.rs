//! Commands from sockets, batches and scripts: every tap of a cook, every wish of a waiter.

use super::{Commands, body_hash};
use crate::domain::command::{Command, MarkShown, Request};
use crate::domain::ids::CommandId;
use crate::domain::people::Actor;
use crate::domain::refusal::{Code, Refusal};
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

    /// A screen has drawn tickets (W7). `None`: so had another, and it is known.
    pub fn shown(&self, claims: &Claims, receipt: MarkShown) -> impl Future<Output = Option<Answer>> + Send + use<> {
        let (restaurant, actor) = (claims.restaurant, claims.actor.clone());
        let (room, committer, id) = (self.hub.find(restaurant), self.committer.clone(), CommandId((self.source.id)()));
        async move {
            let MarkShown { seq, stations, kind } = receipt.clone();
            let command = Command::MarkShown(receipt);
            if let Err(refusal) = command.check() {
                return Some(Answer::Refused(refusal));
            }
            let body_hash = body_hash(&command, None);
            let request = Request { id, actor, command, base_version: None };
            let submission = Submission { restaurant, request, body_hash, priced: None, unwatched: false };
            let Some((room, head)) = room.and_then(|room| room.head().map(|head| (room, head))) else {
                return Some(committer.submit(submission).await);
            };
            let mut drawn = room.drawn.lock().await;
            if drawn.covers(head.epoch, &stations, seq) {
                return None;
            }
            let answer = committer.submit(submission).await;
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
