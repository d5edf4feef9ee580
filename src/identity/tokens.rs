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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp(1_769_886_131_000_000);
    /// All that a timestamp can hold.
    const SECONDS: std::ops::Range<i64> = i64::MIN / 1_000_000..i64::MAX / 1_000_000;
    const QUARTER: Duration = Duration::from_secs(15 * 60);

    fn key(id: &str, byte: u8) -> NamedKey {
        NamedKey { id: id.into(), secret: vec![byte; 32].into() }
    }

    fn tokens() -> Tokens {
        Tokens::new(vec![key("new", 1), key("old", 2)])
    }

    fn waiter() -> Claims {
        let actor = Actor::Staff {
            user: UserId(Uuid::from_u128(7)),
            session: SessionId(Uuid::from_u128(8)),
            role: Role::Waiter,
            name: "Ana \"la Rápida\"".into(),
        };
        Claims {
            restaurant: RestaurantId(Uuid::from_u128(9)),
            slug: "casa-pepe".into(),
            actor,
            issued_at: NOON,
            expires_at: NOON.plus(QUARTER),
        }
    }

    fn guest() -> Claims {
        let actor = Actor::Guest { guest: GuestId(Uuid::from_u128(1)), seating: SeatingId(Uuid::from_u128(2)) };
        Claims { actor, ..waiter() }
    }

    /// A token with a header and payload of our choice, honestly signed with the first key.
    fn signed(header: &str, payload: &str) -> String {
        let message = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(header), BASE64_URL_SAFE_NO_PAD.encode(payload));
        let tag = SigningKey::new(&key("new", 1)).tag(message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    #[test]
    fn a_token_says_what_was_put_into_it() {
        let screen = Actor::Screen {
            screen: ScreenId(Uuid::from_u128(3)),
            session: SessionId(Uuid::from_u128(4)),
            name: "Grill left".into(),
        };
        for claims in [waiter(), guest(), Claims { actor: screen, ..waiter() }] {
            assert_eq!(tokens().verify(&tokens().issue(&claims), NOON), Ok(claims));
        }
    }

    #[test]
    fn a_token_for_the_server_itself_opens_nothing() {
        let token = tokens().issue(&Claims { actor: Actor::System, ..waiter() });
        assert_eq!(tokens().verify(&token, NOON), Err(TokenError::Malformed));
    }

    /// RFC 7515 A.1: the key, the header and payload with their odd line ends, the signature.
    #[test]
    fn the_signature_is_the_one_of_rfc_7515() {
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).unwrap();
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = SigningKey::new(&NamedKey { id: "a1".into(), secret: secret.into() });
        let tag = BASE64_URL_SAFE_NO_PAD.encode(key.tag(message.as_bytes()));
        assert_eq!(tag, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn clocks_may_be_thirty_seconds_apart_and_no_more() {
        let token = tokens().issue(&waiter());
        let last = NOON.plus(QUARTER).plus(SKEW);
        assert!(tokens().verify(&token, last.minus(Duration::from_millis(1))).is_ok());
        assert_eq!(tokens().verify(&token, last), Err(TokenError::Expired));
    }

    #[test]
    fn an_older_key_still_verifies_and_a_removed_one_does_not() {
        let token = Tokens::new(vec![key("old", 2)]).issue(&guest());
        assert!(tokens().verify(&token, NOON).is_ok());
        let without = Tokens::new(vec![key("new", 1)]);
        assert_eq!(without.verify(&token, NOON), Err(TokenError::UnknownKey));
        let same_name = Tokens::new(vec![key("old", 3)]);
        assert_eq!(same_name.verify(&token, NOON), Err(TokenError::BadSignature));
    }

    #[test]
    fn a_token_cannot_choose_how_it_is_checked() {
        let good = tokens().issue(&waiter());
        let payload = BASE64_URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
        let payload = std::str::from_utf8(&payload).unwrap();
        assert!(tokens().verify(&signed(r#"{"alg":"HS256","kid":"new"}"#, payload), NOON).is_ok());
        for header in [
            r#"{"alg":"none","kid":"new"}"#,
            r#"{"alg":"HS512","kid":"new"}"#,
            r#"{"alg":"hs256","kid":"new"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","kid":"new","crit":["exp"]}"#,
            r#"{"alg":"HS256","kid":"new","jwk":{}}"#,
            r#"{"alg":"none","alg":"HS256","kid":"new"}"#,
        ] {
            assert_eq!(tokens().verify(&signed(header, payload), NOON), Err(TokenError::Malformed), "{header}");
        }
        let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
        assert_eq!(tokens().verify(&unsigned, NOON), Err(TokenError::Malformed));
    }

    #[test]
    fn signed_nonsense_is_refused_without_a_panic() {
        let header = r#"{"alg":"HS256","kid":"new"}"#;
        let whole = |role: &str, exp: &str| {
            let nil = Uuid::nil();
            format!(r#"{{"sub":"{nil}","sid":"{nil}","role":"{role}","rid":"{nil}","slug":"s","iat":0,"exp":{exp}}}"#)
        };
        assert!(tokens().verify(&signed(header, &whole("guest", "9000000000")), NOON).is_ok());
        for payload in
            [whole("cook", "9000000000"), whole("guest", "9223372036854775807"), "{}".into(), "[]".into(), "".into()]
        {
            assert_eq!(tokens().verify(&signed(header, &payload), NOON), Err(TokenError::Malformed), "{payload}");
        }
    }

    #[test]
    fn a_very_long_token_is_refused() {
        let long = Claims { slug: "s".repeat(TOKEN_BYTES), ..guest() };
        assert_eq!(tokens().verify(&tokens().issue(&long), NOON), Err(TokenError::Malformed));
    }

    #[test]
    fn keys_do_not_print() {
        assert_eq!(format!("{:?}", tokens()), r#"["new", "old"]"#);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), at in any::<i64>()) {
            prop_assert!(tokens().verify(&text, Timestamp(at)).is_err());
        }

        #[test]
        fn nothing_that_looks_like_a_token_makes_it_panic(text in "[A-Za-z0-9_=-]{0,80}(\\.[A-Za-z0-9_=-]{0,80}){0,4}") {
            prop_assert!(tokens().verify(&text, NOON).is_err());
        }

        #[test]
        fn a_changed_token_is_refused(at in any::<prop::sample::Index>(), with in any::<char>()) {
            let good: Vec<char> = tokens().issue(&waiter()).chars().collect();
            let mut changed = good.clone();
            changed[at.index(good.len())] = with;
            prop_assume!(changed != good);
            prop_assert!(tokens().verify(&changed.iter().collect::<String>(), NOON).is_err());
        }

        #[test]
        fn a_cut_token_is_refused(at in any::<prop::sample::Index>()) {
            let good = tokens().issue(&waiter());
            prop_assert!(tokens().verify(&good[..at.index(good.len())], NOON).is_err());
        }

        #[test]
        fn any_time_survives_to_the_second(issued in SECONDS, expires in SECONDS, name in any::<String>()) {
            let mut claims = waiter();
            claims.issued_at = Timestamp(issued * 1_000_000);
            claims.expires_at = Timestamp(expires * 1_000_000);
            if let Actor::Staff { name: said, .. } = &mut claims.actor {
                *said = name.chars().take(80).collect();
            }
            prop_assert_eq!(tokens().verify(&tokens().issue(&claims), Timestamp(i64::MIN)), Ok(claims));
        }
    }
}
