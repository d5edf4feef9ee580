//! Passwords and staff PINs, kept as Argon2id hashes (RFC 9106) in the PHC string format.
//! Each call takes tens of milliseconds and 19 MiB on purpose: call it with `spawn_blocking`, and bound how
//! many run at once. The doors limit how often anybody may try.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// 19 MiB, two passes, one lane: the first choice of OWASP's Password Storage Cheat Sheet for Argon2id.
/// A hash remembers its own, so raising them later locks nobody out.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A hash of a password that nobody has, made with the parameters above.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$tY4kUVJlRj21zCSMV8ZLeg$qJ8pcTObY48aXnmYn0LymRR3nBL2vmTg/MkrjR7PRl4";

/// The password could not be hashed: no random salt, or no memory.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed")]
pub struct HashError(#[source] argon2::password_hash::Error);

/// A PHC string with a fresh salt, such as `$argon2id$v=19$m=19456,t=2,p=1$…`.
pub fn hash(password: &str) -> Result<String, HashError> {
    let hash = argon2id().hash_password(password.as_bytes()).map_err(HashError)?;
    Ok(hash.to_string())
}

/// Whether `password` is the one behind `hash`. A hash that cannot be read fits no password.
#[must_use]
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| argon2id().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Takes as long as [`verify`], so that an unknown account cannot be told from a wrong password.
pub fn waste(password: &str) {
    std::hint::black_box(verify(password, NOBODY));
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("these parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_fits_and_no_other() {
        let hash = hash("correct horse").unwrap();
        assert!(verify("correct horse", &hash));
        assert!(!verify("correct horse ", &hash));
        assert!(!verify("", &hash));
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hash("1234").unwrap(), hash("1234").unwrap());
    }

    #[test]
    fn a_broken_hash_fits_nothing() {
        for broken in ["", "secret", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abcdefghijklmnopqrstuv"] {
            assert!(!verify("", broken), "{broken}");
            assert!(!verify("secret", broken), "{broken}");
        }
    }

    #[test]
    fn wasting_does_the_work_of_a_real_check() {
        // The work is what the parameters say; measured times would only say how busy this machine is.
        let real = hash("anything").unwrap();
        let head = |hash: &str| hash.rsplitn(3, '$').nth(2).unwrap().to_owned();
        assert_eq!(head(NOBODY), head(&real));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
