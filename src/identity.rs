//! Who somebody is, and how that is proved: access tokens, table codes, password hashes, random secrets, and the
//! certificates of a local network.
//! Knows neither HTTP nor the database: `http` and `ws` read tokens and codes, `commands` hashes and compares.
//! Keys come from `config`, the time from the caller (L11).

pub mod authority;
pub mod codes;
pub mod numbers;
pub mod passwords;
pub mod secrets;
pub mod tokens;

use crate::config::keys::NamedKey;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A key whose HMAC-SHA256 (RFC 2104) state is made once and copied for each use.
struct SigningKey {
    id: String,
    state: Hmac<Sha256>,
}

impl SigningKey {
    fn new(key: &NamedKey) -> Self {
        let state = Hmac::new_from_slice(key.secret.expose_secret()).expect("HMAC takes a key of any length");
        Self { id: key.id.clone(), state }
    }

    fn tag(&self, message: &[u8]) -> [u8; 32] {
        let mut state = self.state.clone();
        state.update(message);
        state.finalize().into_bytes().into()
    }

    /// Whether `tag` is the beginning of the message's tag. The time taken depends on lengths only.
    /// How much of a tag is enough is the caller's rule.
    fn agrees(&self, message: &[u8], tag: &[u8]) -> bool {
        let expected = self.tag(message);
        expected.get(..tag.len()).is_some_and(|beginning| beginning.ct_eq(tag).into())
    }
}

/// The keys in the order given: the first signs, all verify.
///
/// # Panics
/// Without a key: `config` never gives an empty list, so that is a bug.
fn signing_keys(keys: &[NamedKey]) -> Vec<SigningKey> {
    assert!(!keys.is_empty(), "nothing can be signed without a key");
    keys.iter().map(SigningKey::new).collect()
}
