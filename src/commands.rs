//! Use cases: check what a person wishes, submit it, say what became of it. The doors (`http`, `ws`)
//! come here; nothing here knows how a wish arrived or how the answer leaves.

pub mod alarms;
pub mod contacts;
pub mod idle;
pub mod ordering;
pub mod pictures;
pub mod presence;
pub mod reports;
pub mod retention;
pub mod screens;
pub mod seatings;
pub mod sessions;
pub mod settings;
pub mod staff;
pub mod starts;
pub mod takeaway;
pub mod taps;
pub mod tries;

mod clocks;
mod slugs;

use crate::clock::Clock;
use crate::domain::ids::RestaurantId;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::hub::Hub;
use crate::identity::codes::Codes;
use crate::identity::tokens::{Claims, TokenError, Tokens};
use crate::store::committer::{Answer, Source};
use crate::store::{Committer, Fault, Store, wide};
use presence::Presence;
use slugs::SlugCache;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tries::Tries;

/// Everything a use case needs. Made once, by `app`.
pub struct Commands {
    pub store: Store,
    pub committer: Committer,
    pub hub: Arc<Hub>,
    pub tokens: Tokens,
    pub codes: Codes,
    pub clock: Clock,
    pub source: Source,
    pub lives: Lives,
    pub tries: Tries,
    /// Password hashes that are being made at a time: each takes a core and 19 MiB for a while.
    hashing: Semaphore,
    /// Pictures that are being made at a time.
    shrinking: Semaphore,
    presence: Presence,
    slugs: SlugCache,
}

/// Password hashes made at a time on one node.
pub const HASHES_AT_A_TIME: usize = 4;

/// How long credentials live.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    pub access: Duration,
    pub refresh: Duration,
    pub guest: Duration,
}

/// Why a use case did not do what was wished.
#[derive(Debug)]
pub enum Denied {
    /// The sender may not, or not like this.
    Refused(Refusal),
    /// Not now; the same wish with the same id may be sent again.
    Unavailable(&'static str),
    /// The token is not good (any more).
    Unauthorized(&'static str),
    /// Too many tries: again after so many seconds.
    Limited(u64),
}

impl Denied {
    /// Rounded up: who comes back too early is refused again.
    fn limited(wait: Duration) -> Self {
        Self::Limited((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Denied {
    /// Logged here, once; outside it is only "not now".
    fn from(fault: Fault) -> Self {
        tracing::error!(%fault, "the database could not answer");
        Self::Unavailable("the database could not answer")
    }
}

impl Commands {
    #[must_use]
    pub fn new(
        store: Store,
        committer: Committer,
        hub: Arc<Hub>,
        (tokens, codes): (Tokens, Codes),
        source: Source,
        (lives, tries): (Lives, Tries),
    ) -> Self {
        Self {
            store,
            committer,
            hub,
            tokens,
            codes,
            clock: source.clock.clone(),
            source,
            lives,
            tries,
            hashing: Semaphore::new(HASHES_AT_A_TIME),
            shrinking: Semaphore::new(pictures::SHRUNK_AT_A_TIME),
            presence: Presence::alone(),
            slugs: SlugCache::default(),
        }
    }

    /// The same, at one node of many.
    #[must_use]
    pub fn among_others(mut self) -> Self {
        self.presence = Presence::among_others();
        self
    }

    /// Who a token speaks for. Logins that were ended are known in memory (W8); seatings are looked at
    /// where they are used.
    ///
    /// # Errors
    /// `Unauthorized`, with the reason.
    pub fn authenticate(&self, token: &str) -> Result<Claims, Denied> {
        let claims = self.tokens.verify(token, self.clock.now()).map_err(|e| {
            Denied::Unauthorized(match e {
                TokenError::Expired => "expired",
                TokenError::Malformed | TokenError::UnknownKey | TokenError::BadSignature => "unauthorized",
            })
        })?;
        match claims.actor.session() {
            Some(session) if self.hub.is_revoked(session) => Err(Denied::Unauthorized("revoked")),
            Some(_) | None => Ok(claims),
        }
    }

    /// Whose phone a token was, however old it is. It opens nothing: only a scan asks, and the seating decides.
    #[must_use]
    pub fn former(&self, token: &str) -> Option<Claims> {
        self.tokens.verify(token, Timestamp(0)).ok()
    }

    /// The restaurant of a slug.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn restaurant(&self, slug: &str) -> Result<Option<RestaurantId>, Denied> {
        if let Some(id) = self.slugs.get(slug) {
            return Ok(Some(id));
        }
        // No text of a database holds U+0000; Postgres calls it a fault.
        if slug.contains('\0') {
            return Ok(None);
        }
        let found = wide::restaurant_by_slug(&self.store.db, slug).await?;
        if let Some(id) = found {
            self.slugs.put(slug, id);
        }
        Ok(found)
    }
}

/// What the committer's answer means to a use case.
fn accepted(answer: Answer) -> Result<Box<crate::store::committer::Accepted>, Denied> {
    match answer {
        Answer::Accepted(accepted) => Ok(accepted),
        Answer::Refused(refusal) => Err(Denied::Refused(refusal)),
        Answer::NotTried(why) => Err(Denied::Unavailable(why)),
    }
}

/// SHA-256 of a command's name and arguments as the server understands them: two texts that mean the
/// same are the same body. Addresses are no part of it.
fn body_hash(command: &crate::domain::command::Command, base_version: Option<i64>) -> [u8; 32] {
    let text = serde_json::to_string(&(command.without_addresses(), base_version)).unwrap_or_default();
    crate::identity::secrets::digest(&text)
}

fn forbidden(message: &str) -> Refusal {
    Refusal::new(Code::Forbidden, message)
}
