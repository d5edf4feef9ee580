//! The authority of a local network: it signs the server's certificate for the names and addresses that the machine
//! has there, and devices that were told to trust it need no other. It can speak for such names only (RFC 5280
//! §4.2.1.10): whoever got hold of its key could not pass for anybody on the internet. Knows no files.

use crate::domain::time::Timestamp;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
/// Devices trust it once, by hand: so for long.
const AUTHORITY_DAYS: u32 = 3650;
/// Apple's devices take no more than 825 days, from any authority (support.apple.com/103769).
const CERTIFICATE_DAYS: u32 = 397;
/// A certificate with less life than this is made anew.
pub const RENEW_DAYS: u32 = 30;
/// Names that exist in local networks only (RFC 6762, RFC 8375, and what routers and ICANN set aside).
const LOCAL_NAMES: [&str; 5] = ["local", "localhost", "lan", "home.arpa", "internal"];
/// Addresses that exist in local networks only (RFC 1918, 3927, 4193, 4291), with the length of their prefix.
const LOCAL_V4: [([u8; 4], u8); 5] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([169, 254, 0, 0], 16), ([127, 0, 0, 0], 8)];
const LOCAL_V6: [(u16, u8); 2] = [(0xfc00, 7), (0xfe80, 10)];

/// What a certificate is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub hosts: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("the certificate could not be made")]
    Making(#[from] rcgen::Error),
    #[error("it is not a certificate in PEM")]
    NotPem,
    #[error("the authority may not speak for all of {names}: it was made for other names")]
    OtherNames { names: String },
}

/// Something new, to be kept: a certificate and its key, in PEM.
pub struct Fresh {
    pub certificate: String,
    pub key: SecretString,
}

/// An authority whose key is at hand.
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A new one. It may speak for local names and addresses, and for `names`.
    ///
    /// # Errors
    /// A name that no certificate can have.
    pub fn make(names: &Names, now: Timestamp) -> Result<Fresh, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = params_of(&key);
        lives(&mut params, now, AUTHORITY_DAYS);
        let hosts = LOCAL_NAMES.iter().map(|name| (*name).to_owned()).chain(names.hosts.iter().cloned());
        let mut permitted: Vec<_> = hosts.map(GeneralSubtree::DnsName).collect();
        permitted.extend(
            local_networks().chain(names.addresses.iter().map(|address| only(*address))).map(GeneralSubtree::IpAddress),
        );
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
        let certificate: Certificate = params.self_signed(&key)?;
        Ok(Fresh { certificate: certificate.pem(), key: key.serialize_pem().into() })
    }

    /// One that was made before.
    ///
    /// # Errors
    /// When the texts are not what [`Authority::make`] gave.
    pub fn of(certificate: &str, key: &str) -> Result<Self, AuthorityError> {
        let key = KeyPair::from_pem(key)?;
        Ok(Self { certificate: first(certificate)?, issuer: Issuer::new(params_of(&key), key) })
    }

    /// A certificate for the names, good from now on: checked as a client would, before anybody uses it.
    ///
    /// # Errors
    /// `OtherNames` when the authority may not speak for one of them.
    pub fn sign(&self, names: &Names, now: Timestamp) -> Result<Fresh, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named("Comanda");
        lives(&mut params, now, CERTIFICATE_DAYS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        for host in &names.hosts {
            params.subject_alt_names.push(SanType::DnsName(host.as_str().try_into()?));
        }
        params.subject_alt_names.extend(names.addresses.iter().copied().map(SanType::IpAddress));
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        if !self.vouches(&certificate, names, now) {
            let all = names.hosts.iter().cloned().chain(names.addresses.iter().map(ToString::to_string));
            return Err(AuthorityError::OtherNames { names: all.collect::<Vec<_>>().join(", ") });
        }
        Ok(Fresh { certificate, key: key.serialize_pem().into() })
    }

    /// A certificate need not be made anew: it is this authority's, for all the names, and for a while yet.
    #[must_use]
    pub fn is_good(&self, certificate: &str, names: &Names, now: Timestamp) -> bool {
        self.vouches(certificate, names, now.plus(DAY * RENEW_DAYS))
    }

    /// A client that trusts this authority, and only it, would take the certificate for every name.
    fn vouches(&self, certificate: &str, names: &Names, at: Timestamp) -> bool {
        let Ok(certificate) = first(certificate) else { return false };
        let mut roots = RootCertStore::empty();
        let Ok(()) = roots.add(self.certificate.clone()) else { return false };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let Ok(verifier) = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build() else {
            return false;
        };
        let at = UnixTime::since_unix_epoch(Duration::from_micros(u64::try_from(at.0).unwrap_or_default()));
        let hosts = names.hosts.iter().map(|host| ServerName::try_from(host.clone()).ok());
        let mut all = hosts.chain(names.addresses.iter().map(|address| Some(ServerName::from(*address))));
        all.all(|name| name.is_some_and(|name| verifier.verify_server_cert(&certificate, &[], &name, &[], at).is_ok()))
    }
}

/// The SHA-256 of a certificate as devices show it: pairs of hexadecimal digits.
///
/// # Errors
/// A text that holds no certificate.
pub fn fingerprint(certificate: &str) -> Result<String, AuthorityError> {
    let digest = Sha256::digest(first(certificate)?);
    Ok(digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"))
}

/// What can be said of an authority by its key alone, so that it signs the same after a restart.
fn params_of(key: &KeyPair) -> CertificateParams {
    let mark: String = Sha256::digest(key.public_key_pem()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&format!("Comanda kitchen {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn first(pem: &str) -> Result<CertificateDer<'static>, AuthorityError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| AuthorityError::NotPem)
}

fn local_networks() -> impl Iterator<Item = CidrSubnet> {
    let v4 = LOCAL_V4.into_iter().map(|(network, bits)| CidrSubnet::from_v4_prefix(network, bits));
    let v6 = LOCAL_V6.into_iter().map(|(start, bits)| {
        let [high, low] = start.to_be_bytes();
        let mut network = [0; 16];
        (network[0], network[1]) = (high, low);
        CidrSubnet::from_v6_prefix(network, bits)
    });
    v4.chain(v6).chain([only(IpAddr::from(std::net::Ipv6Addr::LOCALHOST))])
}

/// A network of one address.
fn only(address: IpAddr) -> CidrSubnet {
    match address {
        IpAddr::V4(v4) => CidrSubnet::from_v4_prefix(v4.octets(), 32),
        IpAddr::V6(v6) => CidrSubnet::from_v6_prefix(v6.octets(), 128),
    }
}

/// From the day before, for clocks that are behind.
fn lives(params: &mut CertificateParams, now: Timestamp, days: u32) {
    let date = |at: Timestamp| {
        let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default().to_zoned(TimeZone::UTC);
        let month = u8::try_from(at.month()).unwrap_or(1);
        rcgen::date_time_ymd(at.year().into(), month, u8::try_from(at.day()).unwrap_or(1))
    };
    params.not_before = date(now.minus(DAY));
    params.not_after = date(now.plus(DAY * days));
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

    fn names(hosts: &[&str], addresses: &[&str]) -> Names {
        Names {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        }
    }

    fn here() -> Names {
        names(&["kitchen-pc.local", "localhost"], &["192.168.1.20", "127.0.0.1", "::1", "fd00::7"])
    }

    fn again(fresh: &Fresh) -> Authority {
        Authority::of(&fresh.certificate, fresh.key.expose_secret()).unwrap()
    }

    #[test]
    fn a_certificate_is_good_for_its_names_until_a_month_before_its_end() {
        let authority = again(&Authority::make(&Names::default(), NOW).unwrap());
        let leaf = authority.sign(&here(), NOW).unwrap();
        let good = |days, names: &Names| authority.is_good(&leaf.certificate, names, NOW.plus(DAY * days));
        assert!(good(0, &here()) && good(366, &here()));
        assert!(!good(368, &here()), "it must be renewed in time");
        assert!(!good(0, &names(&[], &["192.168.1.21"])), "this machine has another address now");
        assert!(!good(0, &names(&["other.local"], &[])));
    }

    #[test]
    fn another_authority_does_not_vouch_for_it() {
        let [one, other] = [(); 2].map(|()| again(&Authority::make(&Names::default(), NOW).unwrap()));
        let leaf = one.sign(&here(), NOW).unwrap();
        assert!(one.is_good(&leaf.certificate, &here(), NOW));
        assert!(!other.is_good(&leaf.certificate, &here(), NOW));
    }

    #[test]
    fn it_cannot_speak_for_the_internet() {
        let authority = again(&Authority::make(&Names::default(), NOW).unwrap());
        for foreign in [names(&["bank.example"], &[]), names(&[], &["203.0.113.7"]), names(&[], &["2001:db8::1"])] {
            let refused = authority.sign(&foreign, NOW);
            assert!(matches!(refused, Err(AuthorityError::OtherNames { .. })), "{foreign:?}");
        }
        let told = names(&["pos.example"], &["203.0.113.7"]);
        let authority = again(&Authority::make(&told, NOW).unwrap());
        assert!(authority.sign(&told, NOW).is_ok(), "but for what it was told when it was made");
    }

    #[test]
    fn texts_that_are_none_are_refused() {
        assert!(matches!(fingerprint("no certificate"), Err(AuthorityError::NotPem)));
        let fresh = Authority::make(&Names::default(), NOW).unwrap();
        assert!(Authority::of(&fresh.certificate, "no key").is_err());
        assert_eq!(fingerprint(&fresh.certificate).unwrap().len(), 32 * 3 - 1);
    }
}
