//! Who an address is, where the address itself is not kept: who wrote STOP, how many messages one number got. There are
//! few enough telephone numbers to try them all, so a plain hash would tell them; these are keyed with a secret that is
//! not in the database.

use super::{SigningKey, signing_keys};
use crate::config::keys::NamedKey;
use std::fmt;

/// Makes keyed digests of addresses.
pub struct Numbers {
    keys: Vec<SigningKey>,
}

impl Numbers {
    /// From the keys of table codes, which live longest: the first makes digests, all know them again. What was kept
    /// under a key is known for as long as the key is listed.
    ///
    /// # Panics
    /// Without a key.
    #[must_use]
    pub fn new(keys: &[NamedKey]) -> Self {
        Self { keys: signing_keys(keys) }
    }

    /// What is kept of an address.
    #[must_use]
    pub fn digest(&self, address: &str) -> Vec<u8> {
        Self::with(&self.keys[0], address)
    }

    /// All that may have been kept of it, the newest first.
    #[must_use]
    pub fn digests(&self, address: &str) -> Vec<Vec<u8>> {
        self.keys.iter().map(|key| Self::with(key, address)).collect()
    }

    /// Apart from everything else that is signed with the same key.
    fn with(key: &SigningKey, address: &str) -> Vec<u8> {
        key.tag(format!("number {address}").as_bytes()).to_vec()
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn key(id: &str, byte: u8) -> NamedKey {
        NamedKey { id: id.to_owned(), secret: vec![byte; 32].into() }
    }

    #[test]
    fn a_number_is_known_again_with_an_older_key_and_not_without_any() {
        let (old, number) = (Numbers::new(&[key("a", 1)]), "+34600111222");
        let both = Numbers::new(&[key("b", 2), key("a", 1)]);
        assert_eq!(both.digests(number)[1], old.digest(number));
        assert_ne!(both.digest(number), old.digest(number));
        assert_ne!(old.digest(number), old.digest("+34600111223"));
        assert_ne!(old.digest(number), Sha256::digest(number).to_vec());
    }
}
