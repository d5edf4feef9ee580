//! Random secrets: pairing codes, PINs. Whoever keeps one keeps its digest, not itself.
//! A digest needs no salt and no slow hash: nobody can try 2^256 tokens. PINs are short: hash them as passwords,
//! or bound the tries.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

/// A new secret of 256 random bits: 43 characters that need no escaping in a URL, a header or a cookie.
#[must_use]
pub fn fresh() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored in a secret's place: its SHA-256.
#[must_use]
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// What a pairing code is made of: digits and letters of which no two look or sound much alike when they are
/// read aloud across a kitchen (none of 0 O, 1 I L, 2 Z, 5 S, 8 B, U).
const CODE_LETTERS: &[u8; 24] = b"34679ACDEFGHJKMNPQRTVWXY";
/// Letters of a pairing code: 24^8 are 1.1e11, to be guessed within five minutes and a few tries.
pub const CODE_CHARS: usize = 8;

/// A new pairing code.
#[must_use]
pub fn pairing_code() -> String {
    (0..CODE_CHARS).map(|_| char::from(CODE_LETTERS[rand::random_range(0..CODE_LETTERS.len())])).collect()
}

/// A pairing code as somebody typed it: case, spaces and dashes mean nothing. `None` for what is none.
#[must_use]
pub fn typed_code(text: &str) -> Option<String> {
    // What is far too long is not looked through.
    let letters = text.chars().take(4 * CODE_CHARS).filter(|c| !c.is_whitespace() && *c != '-');
    let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
    let known = code.bytes().all(|letter| CODE_LETTERS.contains(&letter));
    (known && code.len() == CODE_CHARS).then_some(code)
}

/// Six random digits, each number as likely as any other.
#[must_use]
pub fn pin() -> String {
    format!("{:06}", rand::random_range(0..1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn secrets_are_long_safe_in_a_url_and_never_repeat() {
        let secrets: HashSet<String> = (0..1000).map(|_| fresh()).collect();
        assert_eq!(secrets.len(), 1000);
        for secret in secrets {
            assert_eq!(secret.len(), 43);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{secret}");
        }
    }

    /// FIPS 180-4's example, as published by NIST.
    #[test]
    fn the_digest_is_sha_256() {
        let hex: String = digest("abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn pairing_codes_are_read_as_people_type_them() {
        let codes: HashSet<String> = (0..1000).map(|_| pairing_code()).collect();
        assert_eq!(codes.len(), 1000);
        for code in &codes {
            let (first, second) = code.split_at(4);
            for typed in [code.clone(), code.to_lowercase(), format!(" {first}-{second} "), format!("{first} {second}")]
            {
                assert_eq!(typed_code(&typed).as_ref(), Some(code));
            }
        }
        let long = "A".repeat(9);
        for none in ["", "ACDEFGH", &long, "ACDEFGH0", "ACDEFGHO", "ACDÉFGHJ", "ACDEFGH\0", &"A-".repeat(2000)] {
            assert_eq!(typed_code(none), None, "{none}");
        }
    }

    #[test]
    fn pins_have_six_digits_and_use_all_of_them() {
        let pins: HashSet<String> = (0..2000).map(|_| pin()).collect();
        assert!(pins.len() > 1900);
        assert!(pins.iter().all(|pin| pin.len() == 6 && pin.bytes().all(|digit| digit.is_ascii_digit())));
        assert!(pins.iter().any(|pin| pin.starts_with('0')));
    }
}
