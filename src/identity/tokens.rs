//! Access tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA256, checked on any node without the database.
//! Made by hand, because a JWT library brings RSA and elliptic curves for what is one HMAC here, and
//! because a token can choose nothing: one algorithm, known header fields, known keys.
//! Whether the session or seating behind a token still lives is the caller's question (W8).

use super::{SigningKey, signing_keys};
use crate::config::keys::NamedKey;
use crate::domain::ids::{GuestId, RestaurantId, ScreenId, SeatingId, SessionId, UserId};
use crate::domain::people::{Actor, Role};
use crate::domain::time::Timestamp;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// Longer tokens are refused unread. Ours are under 1 KiB: names are bounded.
pub const TOKEN_BYTES: usize = 4096;
/// How far the clocks of two nodes may be apart before a token looks expired too early.
pub const SKEW: Duration = Duration::from_secs(30);

const ALGORITHM: &str = "HS256";
const GUEST: &str = "guest";
const TAKEAWAY: &str = "takeaway";
const SCREEN: &str = "screen";
const SYSTEM: &str = "system";

/// What a token says. Times are whole seconds in the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub restaurant: RestaurantId,
    pub slug: String,
    /// A guest, a member of the staff or a screen. The server itself needs no token, and one made for it opens nothing.
    pub actor: Actor,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Why a token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("not a token of this server")]
    Malformed,
    #[error("signed with a key that this server does not have")]
    UnknownKey,
    #[error("the signature does not fit")]
    BadSignature,
    #[error("expired")]
    Expired,
}

/// Makes and checks access tokens.
pub struct Tokens {
    keys: Vec<SigningKey>,
    /// The encoded header of what the first key signs.
    header: String,
}

impl Tokens {
    /// The first key signs, all verify: to change keys, put the new one first and take the old one
    /// away when the last token that it signed has expired.
    ///
    /// # Panics
    /// Without a key.
    #[must_use]
    pub fn new(keys: Vec<NamedKey>) -> Self {
        let keys = signing_keys(&keys);
        let header = encoded(&Header { alg: ALGORITHM.into(), typ: Some("JWT".into()), kid: keys[0].id.clone() });
        Self { keys, header }
    }

    /// A token in the compact form of RFC 7515 §3.1.
    #[must_use]
    pub fn issue(&self, claims: &Claims) -> String {
        let mut token = format!("{}.{}", self.header, encoded(&Payload::from(claims)));
        let tag = self.keys[0].tag(token.as_bytes());
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(tag, &mut token);
        token
    }

    /// What `token` says, if one of the keys signed it and it has not expired `now`, give or take [`SKEW`].
    /// The signature is checked before a claim is read.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let (message, tag) = self.parts(token)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let header: Header = decoded(header)?;
        if header.alg != ALGORITHM {
            return Err(TokenError::Malformed);
        }
        let key = self.keys.iter().find(|key| key.id == header.kid).ok_or(TokenError::UnknownKey)?;
        if !key.agrees(message.as_bytes(), &tag) {
            return Err(TokenError::BadSignature);
        }
        let claims = decoded::<Payload>(payload)?.claims().ok_or(TokenError::Malformed)?;
        if now >= claims.expires_at.plus(SKEW) {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    /// The secret of a login's refresh token: 256 bits that nobody without the key can tell, and the same
    /// for the same generation, so that a lost answer can be given again. Only its digest is stored.
    #[must_use]
    pub fn refresh_secret(&self, session: SessionId, generation: i64) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.keys[0].tag(format!("refresh {session} {generation}").as_bytes()))
    }

    /// What is stored of a pairing code. Keyed: 37 bits are few, and whoever reads the database must not
    /// find the code by trying all.
    #[must_use]
    pub fn code_digest(&self, restaurant: RestaurantId, code: &str) -> [u8; 32] {
        self.keys[0].tag(format!("pair {restaurant} {code}").as_bytes())
    }

    /// What is stored of a telephone number and of the code that verifies it. Keyed: both are few enough to be tried.
    #[must_use]
    pub fn phone_digest(&self, restaurant: RestaurantId, phone: &str) -> [u8; 32] {
        self.keys[0].tag(format!("phone {restaurant} {phone}").as_bytes())
    }

    /// What codes for a telephone number are counted by, whichever restaurant they are for.
    #[must_use]
    pub fn number_digest(&self, phone: &str) -> [u8; 32] {
        self.keys[0].tag(format!("number {phone}").as_bytes())
    }

    /// See `phone_digest`; one code for one wish to be verified.
    #[must_use]
    pub fn verification_digest(&self, id: GuestId, code: &str) -> [u8; 32] {
        self.keys[0].tag(format!("verify {id} {code}").as_bytes())
    }

    /// The signed text, and a whole tag.
    fn parts<'t>(&self, token: &'t str) -> Result<(&'t str, [u8; 32]), TokenError> {
        if token.len() > TOKEN_BYTES {
            return Err(TokenError::Malformed);
        }
        let (message, tag) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).map_err(|_| TokenError::Malformed)?;
        Ok((message, tag.try_into().map_err(|_| TokenError::Malformed)?))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

/// Other fields are refused: among them is `crit`, which must not be ignored (RFC 7515 §4.1.11).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: String,
}

/// The claims as they are written. `sub` is the guest, the user or the screen, `sid` the seating or the session.
#[derive(Serialize, Deserialize)]
struct Payload {
    sub: Uuid,
    sid: Uuid,
    role: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    rid: RestaurantId,
    slug: String,
    iat: i64,
    exp: i64,
}

impl From<&Claims> for Payload {
    fn from(claims: &Claims) -> Self {
        let (sub, sid, role, name) = match &claims.actor {
            Actor::Guest { guest, seating } => (guest.0, seating.0, GUEST, ""),
            Actor::Takeaway { guest } => (guest.0, Uuid::nil(), TAKEAWAY, ""),
            Actor::Staff { user, session, role, name } => (user.0, session.0, role.name(), name.as_str()),
            Actor::Screen { screen, session, name } => (screen.0, session.0, SCREEN, name.as_str()),
            Actor::System => (Uuid::nil(), Uuid::nil(), SYSTEM, ""),
        };
        Self {
            sub,
            sid,
            role: role.to_owned(),
            name: name.to_owned(),
            rid: claims.restaurant,
            slug: claims.slug.clone(),
            iat: seconds(claims.issued_at),
            exp: seconds(claims.expires_at),
        }
    }
}

impl Payload {
    fn claims(self) -> Option<Claims> {
        let actor = if self.role == GUEST {
            Actor::Guest { guest: GuestId(self.sub), seating: SeatingId(self.sid) }
        } else if self.role == TAKEAWAY {
            Actor::Takeaway { guest: GuestId(self.sub) }
        } else if self.role == SCREEN {
            Actor::Screen { screen: ScreenId(self.sub), session: SessionId(self.sid), name: self.name }
        } else {
            let role = Role::parse(&self.role)?;
            Actor::Staff { user: UserId(self.sub), session: SessionId(self.sid), role, name: self.name }
        };
        Some(Claims {
            restaurant: self.rid,
            slug: self.slug,
            actor,
            issued_at: at_second(self.iat)?,
            expires_at: at_second(self.exp)?,
        })
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000_000)
}

fn at_second(second: i64) -> Option<Timestamp> {
    second.checked_mul(1_000_000).map(Timestamp)
}

fn encoded(part: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("strings and numbers can be written as JSON"))
}

fn decoded<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, TokenError> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests;
