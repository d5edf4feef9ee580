//! Scans: from the printed code to a guest's token.

use super::{Commands, Denied, accepted, body_hash};
use crate::domain::command::{Command, JoinSeating, Request};
use crate::domain::ids::{CommandId, GuestId, RestaurantId, SeatingId};
use crate::domain::people::Actor;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::seating::Seating;
use crate::identity::codes::TableCode;
use crate::identity::tokens::Claims;
use crate::protocol::rest::Scanned;
use crate::store::committer::Submission;

/// A scan names no restaurant that is there, or a code nobody made.
pub const INVALID_CODE: &str = "invalid_code";

impl Commands {
    /// What a printed code says, if this server made it.
    #[must_use]
    pub fn read_code(&self, qr: &str) -> Option<TableCode> {
        self.codes.verify(qr).ok()
    }

    /// Joins the table's seating, or opens one. A phone that was here before (its token says so) is
    /// the same guest again.
    ///
    /// # Errors
    /// `old_code`, `unknown_table`, `seating_full`; `Unavailable`.
    pub async fn scan(&self, code: &TableCode, before: Option<&Claims>, id: CommandId) -> Result<Scanned, Denied> {
        let returning =
            before.filter(|claims| claims.restaurant == code.restaurant).and_then(|claims| match &claims.actor {
                Actor::Guest { guest, .. } => Some(*guest),
                Actor::Takeaway { .. } | Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => None,
            });
        let join = JoinSeating { table: code.table, code_version: code.version, returning };
        let command = Command::JoinSeating(join);
        let body_hash = body_hash(&command, None);
        let request = Request { id, actor: Actor::System, command, base_version: None };
        let submission = Submission { restaurant: code.restaurant, request, body_hash, priced: None, unwatched: false };
        let done = accepted(self.committer.submit(submission).await)?;
        let guest = GuestId(done.subject);
        let seating = match done.seating {
            Some(seating) => seating,
            None => self.joined_before(code.restaurant, done.seq, guest).await?,
        };
        self.admit(code.restaurant, seating, guest).await
    }

    async fn joined_before(&self, restaurant: RestaurantId, seq: i64, guest: GuestId) -> Result<Seating, Denied> {
        let gone = || Refusal::new(Code::UnknownSeating, "Scan the code on the table again.");
        let (_, events) = self.store.events_after(restaurant, seq - 1, 1).await?.ok_or_else(gone)?;
        let joined = events.into_iter().find_map(|event| match event.state {
            crate::domain::event::State::Seating { seating } if seating.guest(guest).is_some() => Some(seating),
            _ => None,
        });
        Ok(joined.ok_or_else(gone)?)
    }

    async fn admit(&self, restaurant: RestaurantId, seating: Seating, guest: GuestId) -> Result<Scanned, Denied> {
        let gone = || Refusal::new(Code::Forbidden, "There is no such restaurant.");
        let menu = self.store.menu(restaurant).await?.ok_or_else(gone)?;
        let claims = self.guest_claims(restaurant, &menu.restaurant.slug, seating.id, guest);
        Ok(Scanned {
            token: self.tokens.issue(&claims),
            expires_at: claims.expires_at,
            restaurant,
            slug: claims.slug,
            table: seating.table.clone(),
            guest,
            seating,
        })
    }

    fn guest_claims(&self, restaurant: RestaurantId, slug: &str, seating: SeatingId, guest: GuestId) -> Claims {
        let now = self.clock.now();
        Claims {
            restaurant,
            slug: slug.to_owned(),
            actor: Actor::Guest { guest, seating },
            issued_at: now,
            expires_at: now.plus(self.lives.guest),
        }
    }
}
