//! Staff logins: e-mail and password, then a family of refresh tokens that rotate. A refresh token that
//! is used twice was stolen from somebody: the whole family ends (RFC 9700 §4.14.2).

use super::{Commands, Denied, accepted, body_hash};
use crate::domain::command::{Command, Request, RevokeSession};
use crate::domain::ids::{CommandId, RestaurantId, SessionId, UserId};
use crate::domain::people::{Actor, Role};
use crate::domain::time::Timestamp;
use crate::identity::tokens::Claims;
use crate::identity::{passwords, secrets};
use crate::protocol::rest::LoggedIn;
use crate::store::committer::Submission;
use crate::store::people::Session;
use crate::store::wide;
use std::time::Duration;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The token before the newest is given the same answer again for this long: the first may have been lost
/// on the way, or two tabs asked at once. Later it is reuse.
const ROTATION_GRACE: Duration = Duration::from_secs(30);
/// Passwords longer than this are not hashed.
const PASSWORD_BYTES: usize = 1024;

/// A login that is to be answered: the body, and the refresh token for the cookie.
pub struct Login {
    pub answer: LoggedIn,
    pub refresh: String,
    pub refresh_life: Duration,
}

impl Commands {
    /// Signs somebody in. Wrong address and wrong password look and take the same.
    ///
    /// # Errors
    /// `Unauthorized("wrong_credentials")`, or `"choose_restaurant"` for people of several; `Unavailable`.
    pub async fn login(&self, email: &str, password: String, slug: Option<&str>) -> Result<Login, Denied> {
        let wrong = Denied::Unauthorized("wrong_credentials");
        if password.len() > PASSWORD_BYTES || email.contains('\0') {
            return Err(wrong);
        }
        let account = wide::account_by_email(&self.store.db, &email.trim().to_lowercase()).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        // Argon2 takes tens of milliseconds of a core: not on a thread that serves sockets.
        let good = tokio::task::spawn_blocking(move || match hash {
            Some(hash) => passwords::verify(&password, &hash),
            None => {
                passwords::waste(&password);
                false
            }
        });
        let good = good.await.unwrap_or(false);
        let Some(account) = account.filter(|_| good) else { return Err(wrong) };
        let mut memberships = account.memberships.into_iter().filter(|(_, of, _)| slug.is_none_or(|slug| slug == of));
        let Some((restaurant, slug, role)) = memberships.next() else { return Err(wrong) };
        if memberships.next().is_some() {
            return Err(Denied::Unauthorized("choose_restaurant"));
        }
        let (session, refresh) = self.new_session(restaurant, account.user);
        self.store.begin_session(&session).await?;
        Ok(self.login_answer(&session, refresh, slug, role, account.name))
    }

    fn new_session(&self, restaurant: RestaurantId, user: UserId) -> (Session, String) {
        let id = SessionId((self.source.id)());
        let refresh = self.refresh_token(restaurant, id, 1);
        let now = self.clock.now();
        let session = Session {
            restaurant,
            id,
            user,
            refresh_hash: secrets::digest(&refresh).to_vec(),
            generation: 1,
            refreshed_at: now,
            expires_at: now.plus(self.lives.refresh),
            revoked_at: None,
        };
        (session, refresh)
    }

    /// A new access token and a new refresh token for an old one. The role is read again: it may have changed.
    ///
    /// # Errors
    /// `Unauthorized`: sign in again. `Unavailable`.
    pub async fn refresh(&self, token: &str) -> Result<Login, Denied> {
        let ended = || Denied::Unauthorized("signed_out");
        let (restaurant, id, generation) = session_of(token).ok_or_else(ended)?;
        let session = self.store.session(restaurant, id).await?.ok_or_else(ended)?;
        let now = self.clock.now();
        if session.revoked_at.is_some() || session.expires_at <= now {
            return Err(ended());
        }
        let newest: bool = secrets::digest(token).as_slice().ct_eq(&session.refresh_hash).into();
        let genuine = || bool::from(self.refresh_token(restaurant, id, generation).as_bytes().ct_eq(token.as_bytes()));
        let fresh = if newest {
            self.rotate(&session, now).await?
        } else if generation >= session.generation || !genuine() {
            return Err(ended());
        } else if generation == session.generation - 1 && now.since(session.refreshed_at) <= ROTATION_GRACE {
            self.refresh_token(restaurant, id, session.generation)
        } else {
            return self.reused(&session).await;
        };
        let role = self.store.role(restaurant, session.user).await?.ok_or_else(ended)?;
        let name = wide::user_name(&self.store.db, session.user).await?.ok_or_else(ended)?;
        let menu = self.store.menu(restaurant).await?.ok_or_else(ended)?;
        Ok(self.login_answer(&session, fresh, menu.restaurant.slug.clone(), role, name))
    }

    /// The next refresh token of a login. When another tab was faster, its token is the answer.
    async fn rotate(&self, session: &Session, now: Timestamp) -> Result<String, Denied> {
        let fresh = self.refresh_token(session.restaurant, session.id, session.generation + 1);
        let expires_at = now.plus(self.lives.refresh);
        self.store.rotate_session(session, secrets::digest(&fresh).to_vec(), now, expires_at).await?;
        Ok(fresh)
    }

    /// An older token of the family: somebody has a copy.
    async fn reused(&self, session: &Session) -> Result<Login, Denied> {
        tracing::warn!(session.id = %session.id, restaurant.id = %session.restaurant, "a refresh token was used twice: the login is ended");
        self.revoke(session.restaurant, session.id).await?;
        Err(Denied::Unauthorized("signed_out"))
    }

    /// `restaurant.session.generation.secret`: names its row, so that the query is scoped; the secret is what
    /// proves it, and that an older one is genuine.
    fn refresh_token(&self, restaurant: RestaurantId, session: SessionId, generation: i64) -> String {
        let secret = self.tokens.refresh_secret(session, generation);
        format!("{}.{}.{generation}.{secret}", restaurant.0.simple(), session.0.simple())
    }

    /// Ends the login that a refresh token belongs to, everywhere.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn logout(&self, token: &str) -> Result<(), Denied> {
        let Some((restaurant, id, _)) = session_of(token) else { return Ok(()) };
        let Some(session) = self.store.session(restaurant, id).await? else { return Ok(()) };
        let known: bool = secrets::digest(token).as_slice().ct_eq(&session.refresh_hash).into();
        if known { self.revoke(restaurant, id).await } else { Ok(()) }
    }

    async fn revoke(&self, restaurant: RestaurantId, session: SessionId) -> Result<(), Denied> {
        let command = Command::RevokeSession(RevokeSession { session });
        let body_hash = body_hash(&command, None);
        let request = Request { id: CommandId((self.source.id)()), actor: Actor::System, command, base_version: None };
        accepted(
            self.committer.submit(Submission { restaurant, request, body_hash, priced: None, unwatched: false }).await,
        )?;
        Ok(())
    }

    fn login_answer(&self, session: &Session, refresh: String, slug: String, role: Role, name: String) -> Login {
        let now = self.clock.now();
        let claims = Claims {
            restaurant: session.restaurant,
            slug: slug.clone(),
            actor: Actor::Staff { user: session.user, session: session.id, role, name: name.clone() },
            issued_at: now,
            expires_at: now.plus(self.lives.access),
        };
        let answer = LoggedIn {
            token: self.tokens.issue(&claims),
            expires_at: claims.expires_at,
            session: session.id,
            restaurant: session.restaurant,
            slug,
            role,
            name,
        };
        Login { answer, refresh, refresh_life: self.lives.refresh }
    }
}

fn session_of(token: &str) -> Option<(RestaurantId, SessionId, i64)> {
    let mut parts = token.splitn(4, '.');
    let restaurant = Uuid::try_parse(parts.next()?).ok()?;
    let session = Uuid::try_parse(parts.next()?).ok()?;
    let generation = parts.next()?.parse().ok()?;
    Some((RestaurantId(restaurant), SessionId(session), generation))
}
