//! Staff logins: e-mail and password, then a family of refresh tokens that rotate. A refresh token that
//! is used twice was stolen from somebody: the whole family ends (RFC 9700 §4.14.2).

use super::tries::Kind;
use super::{Commands, Denied, accepted, body_hash};
use crate::domain::command::{Command, Request, RevokeSession};
use crate::domain::ids::{CommandId, RestaurantId, SessionId};
use crate::domain::limits::PASSWORD_BYTES;
use crate::domain::people::{Actor, Role, Screen};
use crate::domain::time::Timestamp;
use crate::identity::tokens::Claims;
use crate::identity::{passwords, secrets};
use crate::protocol::rest::{LoggedIn, LoggedInScreen};
use crate::store::committer::Submission;
use crate::store::people::{Owner, Session};
use crate::store::wide::{self, Account};
use std::net::IpAddr;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::SemaphorePermit;
use uuid::Uuid;

/// The token before the newest is given the same answer again for this long: the first may have been lost
/// on the way, or two tabs asked at once. Later it is reuse.
const ROTATION_GRACE: Duration = Duration::from_secs(30);
/// Who waits longer for a hash to be made is told to come back.
const HASH_WAIT: Duration = Duration::from_secs(4);

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
    /// `Unauthorized("wrong_credentials")`, or `"choose_restaurant"` for people of several; `Limited`, for
    /// addresses that nobody has, too; `Unavailable`.
    pub async fn login(
        &self,
        email: &str,
        password: String,
        slug: Option<&str>,
        from: IpAddr,
    ) -> Result<Login, Denied> {
        let wrong = || Denied::Unauthorized("wrong_credentials");
        if password.len() > PASSWORD_BYTES || email.contains('\0') {
            return Err(wrong());
        }
        let email = email.trim().to_lowercase();
        // Taken before the try is counted: a flood of tries must not keep the database from taking orders.
        let permit = self.may_hash().await?;
        let one = self.count_try(Kind::Password, &email, from).await?;
        let account = match self.known(&email, password, &permit).await {
            Ok(account) => account,
            Err(denied) => {
                self.was_none(one).await?;
                return Err(denied);
            }
        };
        let Some(account) = account else { return Err(wrong()) };
        let mut memberships = account.memberships.into_iter().filter(|m| slug.is_none_or(|slug| slug == m.slug));
        let Some(place) = memberships.next() else { return Err(wrong()) };
        self.was_right(one).await?;
        if memberships.next().is_some() {
            return Err(Denied::Unauthorized("choose_restaurant"));
        }
        let (session, refresh) = self.new_session(place.restaurant, Owner::Person(account.user));
        // The place, or the password, is being taken away at this moment.
        if !self.store.begin_session(&session, place.version).await? {
            return Err(wrong());
        }
        let actor = Actor::Staff { user: account.user, session: session.id, role: place.role, name: account.name };
        Ok(self.login_answer(&session, refresh, place.slug, actor, None))
    }

    /// The account of an address and its password. It takes as long to find that there is none.
    async fn known(&self, email: &str, password: String, permit: &MayHash<'_>) -> Result<Option<Account>, Denied> {
        let account = wide::account_by_email(&self.store.db, email).await?;
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let good = permit.hash(move || match hash {
            Some(hash) => passwords::verify(&password, &hash),
            None => {
                passwords::waste(&password);
                false
            }
        });
        let good = good.await?;
        Ok(account.filter(|_| good))
    }

    /// Waits until one more password may be hashed on this node.
    ///
    /// # Errors
    /// `Unavailable` when too many wait.
    pub(super) async fn may_hash(&self) -> Result<MayHash<'_>, Denied> {
        let busy = || Denied::Unavailable("too many are signing in");
        let permit = tokio::time::timeout(HASH_WAIT, self.hashing.acquire()).await;
        Ok(MayHash { _permit: permit.map_err(|_| busy())?.map_err(|_| busy())? })
    }

    /// A login that is about to begin, and its first refresh token.
    pub(super) fn new_session(&self, restaurant: RestaurantId, owner: Owner) -> (Session, String) {
        let id = SessionId((self.source.id)());
        let refresh = self.refresh_token(restaurant, id, 1);
        let now = self.clock.now();
        let session = Session {
            restaurant,
            id,
            owner,
            refresh_hash: secrets::digest(&refresh).to_vec(),
            generation: 1,
            refreshed_at: now,
            expires_at: now.plus(self.lives.refresh),
            revoked_at: None,
        };
        (session, refresh)
    }

    /// A new access token and a new refresh token for an old one. Role and name are read again: they may have changed.
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
        self.known_again(&session, fresh).await?.ok_or_else(ended)
    }

    /// The answer for whose login it is, as they are now.
    async fn known_again(&self, session: &Session, refresh: String) -> Result<Option<Login>, Denied> {
        let Some(menu) = self.store.menu(session.restaurant).await? else { return Ok(None) };
        let slug = menu.restaurant.slug.clone();
        Ok(match session.owner {
            Owner::Person(user) => {
                let Some(role) = self.store.role(session.restaurant, user).await? else { return Ok(None) };
                let Some(name) = wide::user_name(&self.store.db, user).await? else { return Ok(None) };
                let actor = Actor::Staff { user, session: session.id, role, name };
                Some(self.login_answer(session, refresh, slug, actor, None))
            }
            Owner::Screen(id) => {
                let screen = self.store.screen(session.restaurant, id).await?;
                let screen = screen.filter(|screen| screen.revoked_at.is_none());
                screen.map(|screen| self.screen_login(session, refresh, slug, screen))
            }
        })
    }

    /// What a screen that is let in is answered.
    pub(super) fn screen_login(&self, session: &Session, refresh: String, slug: String, screen: Screen) -> Login {
        let Screen { id, name, stations, .. } = screen;
        let actor = Actor::Screen { screen: id, session: session.id, name };
        self.login_answer(session, refresh, slug, actor, Some(LoggedInScreen { id, stations }))
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
    pub(super) fn refresh_token(&self, restaurant: RestaurantId, session: SessionId, generation: i64) -> String {
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

    fn login_answer(
        &self,
        session: &Session,
        refresh: String,
        slug: String,
        actor: Actor,
        screen: Option<LoggedInScreen>,
    ) -> Login {
        let (role, name) = match &actor {
            Actor::Staff { role, name, .. } => (*role, name.clone()),
            Actor::Screen { name, .. } => (Role::Kitchen, name.clone()),
            Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::System => (Role::Kitchen, String::new()),
        };
        let now = self.clock.now();
        let claims = Claims {
            restaurant: session.restaurant,
            slug: slug.clone(),
            actor,
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
            screen,
        };
        Login { answer, refresh, refresh_life: self.lives.refresh }
    }
}

/// One of the few that may hash a password now.
pub(super) struct MayHash<'a> {
    _permit: SemaphorePermit<'a>,
}

impl MayHash<'_> {
    /// Argon2 takes tens of milliseconds of a core: not on a thread that serves sockets.
    ///
    /// # Errors
    /// `Unavailable` when the server is stopping.
    pub(super) async fn hash<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Denied> {
        tokio::task::spawn_blocking(work).await.map_err(|_| Denied::Unavailable("a password could not be checked"))
    }
}

fn session_of(token: &str) -> Option<(RestaurantId, SessionId, i64)> {
    let mut parts = token.splitn(4, '.');
    let restaurant = Uuid::try_parse(parts.next()?).ok()?;
    let session = Uuid::try_parse(parts.next()?).ok()?;
    let generation = parts.next()?.parse().ok()?;
    Some((RestaurantId(restaurant), SessionId(session), generation))
}
