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
    fn pins_have_six_digits_and_use_all_of_them() {
        let pins: HashSet<String> = (0..2000).map(|_| pin()).collect();
        assert!(pins.len() > 1900);
        assert!(pins.iter().all(|pin| pin.len() == 6 && pin.bytes().all(|digit| digit.is_ascii_digit())));
        assert!(pins.iter().any(|pin| pin.starts_with('0')));
    }
}
