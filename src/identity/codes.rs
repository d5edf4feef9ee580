//! The code printed on a table: which restaurant, which table, which edition of the print, and a signature.
//! It names a table and permits nothing (DESIGN §5), and is short, because a smaller QR code scans better
//! in dim light. Whether `version` is still the table's own is the caller's question.
//!
//! Layout, before base64url: format (1 byte) · key hint (1) · restaurant (16) · table (16) ·
//! version (1–10, LEB128) · the first 10 bytes of HMAC-SHA256 over all before them.

use super::{SigningKey, signing_keys};
use crate::config::keys::NamedKey;
use crate::domain::ids::{RestaurantId, TableId};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

const FORMAT: u8 = 1;
const FIXED_BYTES: usize = 2 + 16 + 16;
/// 80 bits: it can only be tried against the server, and a hit names a table, no more.
const TAG_BYTES: usize = 10;
/// The longest code, with a version of ten bytes.
const CODE_CHARS: usize = ((FIXED_BYTES + 10 + TAG_BYTES) * 4).div_ceil(3);

/// What a printed code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableCode {
    pub restaurant: RestaurantId,
    pub table: TableId,
    /// The table's `code_version` when it was printed.
    pub version: i64,
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("not a table's code")]
    Malformed,
    #[error("signed with a key that this server does not have")]
    UnknownKey,
    #[error("the signature does not fit")]
    BadSignature,
}

/// Makes and checks the codes on tables.
pub struct Codes {
    keys: Vec<(u8, SigningKey)>,
}

impl Codes {
    /// The first key signs, all verify. A printed code lives as long as its key is listed.
    ///
    /// # Panics
    /// Without a key.
    #[must_use]
    pub fn new(keys: Vec<NamedKey>) -> Self {
        Self { keys: signing_keys(&keys).into_iter().map(|key| (hint(&key.id), key)).collect() }
    }

    /// The text of a code: about 60 characters that need no escaping in a URL.
    #[must_use]
    pub fn sign(&self, code: &TableCode) -> String {
        let (hint, key) = &self.keys[0];
        let mut bytes = vec![FORMAT, *hint];
        bytes.extend_from_slice(code.restaurant.0.as_bytes());
        bytes.extend_from_slice(code.table.0.as_bytes());
        push_number(&mut bytes, code.version.cast_unsigned());
        let tag = key.tag(&bytes);
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the code `text` says, if one of the keys signed it.
    pub fn verify(&self, text: &str) -> Result<TableCode, CodeError> {
        if text.len() > CODE_CHARS {
            return Err(CodeError::Malformed);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| CodeError::Malformed)?;
        let (message, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or(CodeError::Malformed)?;
        let &[FORMAT, hint, ..] = message else { return Err(CodeError::Malformed) };
        // Two ids may share a hint, so every key that has it is tried.
        let mut keys = self.keys.iter().filter(|(of, _)| *of == hint).peekable();
        keys.peek().ok_or(CodeError::UnknownKey)?;
        if !keys.any(|(_, key)| key.agrees(message, tag)) {
            return Err(CodeError::BadSignature);
        }
        read(&message[2..]).ok_or(CodeError::Malformed)
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(_, key)| &key.id)).finish()
    }
}

/// One byte of the key's id instead of its place in the list: keys come and go, prints stay.
fn hint(id: &str) -> u8 {
    Sha256::digest(id)[0]
}

fn read(bytes: &[u8]) -> Option<TableCode> {
    let (restaurant, rest) = bytes.split_first_chunk::<16>()?;
    let (table, rest) = rest.split_first_chunk::<16>()?;
    Some(TableCode {
        restaurant: RestaurantId(Uuid::from_bytes(*restaurant)),
        table: TableId(Uuid::from_bytes(*table)),
        version: number(rest)?.cast_signed(),
    })
}

/// LEB128: seven bits a byte, low ones first, the high bit set on all but the last.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The number that all of `bytes` are, if they are the one way to write it.
fn number(bytes: &[u8]) -> Option<u64> {
    let (last, before) = bytes.split_last()?;
    let most = if before.len() < 9 { 0x7f } else { 1 };
    let padded = *last == 0 && !before.is_empty();
    if before.len() > 9 || *last > most || padded || before.iter().any(|byte| *byte < 0x80) {
        return None;
    }
    Some(bytes.iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(id: &str, byte: u8) -> NamedKey {
        NamedKey { id: id.into(), secret: vec![byte; 32].into() }
    }

    fn codes() -> Codes {
        Codes::new(vec![key("2026", 1), key("2025", 2)])
    }

    fn table(version: i64) -> TableCode {
        TableCode { restaurant: RestaurantId(Uuid::from_u128(3)), table: TableId(Uuid::from_u128(4)), version }
    }

    #[test]
    fn a_code_names_its_table_and_is_short() {
        let text = codes().sign(&table(1));
        assert_eq!(text.len(), 60);
        assert_eq!(codes().verify(&text), Ok(table(1)));
    }

    /// Codes hang on tables for years: what was printed once must be read by every later version.
    /// The text was computed with another implementation of HMAC.
    #[test]
    fn a_code_printed_long_ago_is_still_read() {
        let printed = "ARUAAAAAAAAAAAAAAAAAAAADAAAAAAAAAAAAAAAAAAAABKwCIz7kPjp-2T8R4w";
        assert_eq!(codes().sign(&table(300)), printed);
        assert_eq!(codes().verify(printed), Ok(table(300)));
    }

    #[test]
    fn printed_codes_survive_a_new_key() {
        let printed = Codes::new(vec![key("2025", 2)]).sign(&table(7));
        assert_eq!(codes().verify(&printed), Ok(table(7)));
        assert_eq!(Codes::new(vec![key("2026", 1)]).verify(&printed), Err(CodeError::UnknownKey));
        assert_eq!(Codes::new(vec![key("2025", 9)]).verify(&printed), Err(CodeError::BadSignature));
    }

    #[test]
    fn keys_whose_ids_share_a_hint_do_not_hide_each_other() {
        let ids: Vec<String> = (0..500).map(|n| format!("k{n}")).collect();
        let twin = ids[1..].iter().find(|id| hint(id) == hint(&ids[0])).unwrap();
        let printed = Codes::new(vec![key(twin, 2)]).sign(&table(1));
        assert_eq!(Codes::new(vec![key(&ids[0], 1), key(twin, 2)]).verify(&printed), Ok(table(1)));
    }

    #[test]
    fn the_longest_code_is_not_refused_for_its_length() {
        assert_eq!(codes().sign(&table(-1)).len(), CODE_CHARS);
    }

    #[test]
    fn a_number_has_one_way_to_be_written() {
        assert_eq!(number(&[0x80]), None);
        assert_eq!(number(&[1, 1]), None);
        assert_eq!(number(&[0x81, 0]), None);
        assert_eq!(number(&[]), None);
        let mut most = vec![];
        push_number(&mut most, u64::MAX);
        assert_eq!(number(&most), Some(u64::MAX));
        *most.last_mut().unwrap() = 2;
        assert_eq!(number(&most), None);
    }

    proptest! {
        #[test]
        fn every_version_comes_back(restaurant in any::<u128>(), id in any::<u128>(), version in any::<i64>()) {
            let code = TableCode {
                restaurant: RestaurantId(Uuid::from_u128(restaurant)),
                table: TableId(Uuid::from_u128(id)),
                version,
            };
            prop_assert_eq!(codes().verify(&codes().sign(&code)), Ok(code));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            prop_assert!(codes().verify(&text).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(codes().verify(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn one_flipped_bit_is_refused(version in any::<i64>(), at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(codes().sign(&table(version))).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(codes().verify(&BASE64_URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }
    }
}
