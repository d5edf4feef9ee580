//! Web push: a message to a browser through its push service (RFC 8030), encrypted for it alone (RFC 8291) and signed
//! as ours (VAPID, RFC 8292). Only listed services are called, and none at a private address: the endpoint is what a
//! guest's browser said it is.

use super::{Content, Doing, Found, Messenger, Outgoing, SendError, Sent, Sought, on_the_way};
use crate::clock::Clock;
use crate::domain::command::PushSubscription;
use crate::domain::message::Stage;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A record holds the whole message (RFC 8188 §2.1).
const RECORD: u32 = 4096;
/// How long a signature is good; services take at most a day.
const SIGNED_FOR: Duration = Duration::from_secs(12 * 3600);
/// Of an uncompressed P-256 point.
const KEY_BYTES: u8 = 65;

pub struct Push {
    http: reqwest::Client,
    key: EcdsaKeyPair,
    /// `mailto:` or `https:`, for the service's operator.
    contact: String,
    services: Vec<String>,
    clock: Clock,
    random: SystemRandom,
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error("`push.key` is no key: make one with `comanda vapid`")]
    Key,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// A new key of the server, as the settings take it.
///
/// # Errors
/// When the system has no randomness.
pub fn new_key() -> Result<String, PushError> {
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(URL_SAFE_NO_PAD.encode(key.map_err(|_| PushError::Key)?.as_ref()))
}

impl Push {
    /// # Errors
    /// A key that is none, or no TLS.
    pub fn new(
        key: &str,
        contact: &str,
        services: Vec<String>,
        answer: Duration,
        clock: Clock,
    ) -> Result<Self, PushError> {
        let random = SystemRandom::new();
        let pkcs8 = URL_SAFE_NO_PAD.decode(key.trim_end_matches('=')).map_err(|_| PushError::Key)?;
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &random);
        let http = super::client(answer).dns_resolver(Arc::new(PublicOnly)).build()?;
        let key = key.map_err(|_| PushError::Key)?;
        Ok(Self { http, key, contact: contact.to_owned(), services, clock, random })
    }

    /// What browsers subscribe with.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.public_key().as_ref())
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let to: PushSubscription = serde_json::from_str(&message.to).map_err(|_| refused("no_subscription"))?;
        let url = reqwest::Url::parse(&to.endpoint).map_err(|_| refused("no_endpoint"))?;
        if !self.knows(&url) {
            return Err(refused("unknown_service"));
        }
        let Content::Text { subject, body } = &message.content else { return Err(refused("no_text")) };
        let text = serde_json::json!({ "title": subject, "body": body }).to_string();
        let sealed = self.sealed(&to, text.as_bytes()).ok_or_else(|| refused("no_key"))?;
        let signature = self.signature(&url).ok_or_else(|| refused("no_signature"))?;
        let request = self
            .http
            .post(url)
            .header("ttl", message.lasts.as_secs().to_string())
            .header("urgency", "high")
            .header("content-encoding", "aes128gcm")
            .header("authorization", format!("vapid t={signature}, k={}", self.public_key()))
            .body(sealed);
        let response = request.send().await.map_err(|error| on_the_way(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Sent { id: None, stage: Stage::Sent, error: None });
        }
        let wait = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = wait.and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let permanent = status.is_client_error() && status.as_u16() != 429;
        Err(SendError::Api { status: status.as_u16(), code: status.as_str().to_owned(), permanent, retry_after })
    }

    /// Is the endpoint one of a listed service? `https://*.example.com` lists all names below `example.com`.
    fn knows(&self, url: &reqwest::Url) -> bool {
        let (origin, host) = (url.origin().ascii_serialization(), url.host_str().unwrap_or_default());
        let plain = url.username().is_empty() && url.password().is_none();
        plain
            && self.services.iter().any(|service| match service.strip_prefix("https://*.") {
                Some(domain) => {
                    let below = host.strip_suffix(domain).is_some_and(|name| name.len() > 1 && name.ends_with('.'));
                    below && url.scheme() == "https" && url.port().is_none()
                }
                None => *service == origin,
            })
    }

    fn signature(&self, url: &reqwest::Url) -> Option<String> {
        let until = self.clock.now().plus(SIGNED_FOR).0 / 1_000_000;
        let origin = url.origin().ascii_serialization();
        let claims = serde_json::json!({ "aud": origin, "exp": until, "sub": self.contact }).to_string();
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.key.sign(&self.random, text.as_bytes()).ok()?;
        Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }

    fn sealed(&self, to: &PushSubscription, text: &[u8]) -> Option<Vec<u8>> {
        let theirs = URL_SAFE_NO_PAD.decode(to.p256dh.trim_end_matches('=')).ok()?;
        let auth = URL_SAFE_NO_PAD.decode(to.auth.trim_end_matches('=')).ok()?;
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &self.random).ok()?;
        let ours = own.compute_public_key().ok()?;
        let peer = UnparsedPublicKey::new(&ECDH_P256, &theirs);
        let shared = agreement::agree_ephemeral(own, &peer, <[u8]>::to_vec).ok()?;
        let mut salt = [0; 16];
        self.random.fill(&mut salt).ok()?;
        seal(&shared, (&auth, &theirs, ours.as_ref()), salt, text)
    }
}

fn refused(code: &str) -> SendError {
    SendError::Api { status: 0, code: code.to_owned(), permanent: true, retry_after: None }
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// RFC 8291 §3.4 and RFC 8188 §2: the header, and one record.
fn seal(shared: &[u8], (auth, theirs, ours): (&[u8], &[u8], &[u8]), salt: [u8; 16], text: &[u8]) -> Option<Vec<u8>> {
    let (key, nonce) = content_key(shared, (auth, theirs, ours), salt)?;
    // 0x02 ends the last record.
    let mut record = [text, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
    Some([&salt[..], &RECORD.to_be_bytes(), &[KEY_BYTES], ours, &record].concat())
}

fn content_key(
    shared: &[u8],
    (auth, theirs, ours): (&[u8], &[u8], &[u8]),
    salt: [u8; 16],
) -> Option<([u8; 16], [u8; 12])> {
    let info = [b"WebPush: info\0", theirs, ours].concat();
    let mut secret = [0; 32];
    Salt::new(HKDF_SHA256, auth).extract(shared).expand(&[&info], Bytes(32)).ok()?.fill(&mut secret).ok()?;
    let derived = Salt::new(HKDF_SHA256, &salt).extract(&secret);
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    derived.expand(&[b"Content-Encoding: aes128gcm\0"], Bytes(16)).ok()?.fill(&mut key).ok()?;
    derived.expand(&[b"Content-Encoding: nonce\0"], Bytes(12)).ok()?.fill(&mut nonce).ok()?;
    Some((key, nonce))
}

impl Messenger for Push {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent> {
        Box::pin(self.deliver(message))
    }

    fn find<'a>(&'a self, _: &'a Sought) -> Doing<'a, Found> {
        Box::pin(std::future::ready(Ok(Found::Unsure)))
    }
}

/// Names that lead to private addresses lead nowhere.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err("no public address".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// An address that is the whole internet's (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0)
                || (a == 198 && (18..20).contains(&b)))
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            // Global unicast, without documentation and the ways into IPv4.
            None => {
                let [a, b, ..] = v6.segments();
                (0x2000..0x4000).contains(&a) && !(a == 0x2001 && (b == 0xdb8 || b == 0)) && a != 0x2002
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    fn push(services: &[&str]) -> Push {
        drop(rustls::crypto::ring::default_provider().install_default());
        let services = services.iter().map(|service| (*service).to_owned()).collect();
        Push::new(
            &new_key().unwrap(),
            "mailto:a@b.example",
            services,
            Duration::from_secs(1),
            Clock::fixed(Timestamp(0)),
        )
        .unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_documented_message_is_sealed_as_documented() {
        let shared = decoded("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let auth = decoded("BTBZMqHH6r4Tts7J_aSIgg");
        let theirs = decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let ours = decoded("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let salt = decoded("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sealed =
            seal(&shared, (&auth, &theirs, &ours), salt, b"When I grow up, I want to be a watermelon").unwrap();
        let documented = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(sealed), documented);
    }

    #[test]
    fn only_listed_services_are_called_and_no_private_address() {
        let push = push(&["https://fcm.googleapis.com", "https://*.notify.windows.com"]);
        let knows = |url: &str| push.knows(&reqwest::Url::parse(url).unwrap());
        assert!(knows("https://fcm.googleapis.com/fcm/send/abc"));
        assert!(knows("https://wns2-par02p.notify.windows.com/w/?token=x"));
        for other in [
            "http://fcm.googleapis.com/",
            "https://fcm.googleapis.com:8443/",
            "https://fcm.googleapis.com.evil.example/",
            "https://user@fcm.googleapis.com/",
            "https://evilnotify.windows.com/",
            "https://.notify.windows.com/",
            "https://10.0.0.1/",
            "https://localhost/",
        ] {
            assert!(!knows(other), "{other}");
        }
        for address in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        assert!(is_public("142.250.184.10".parse().unwrap()) && is_public("2a00:1450::1".parse().unwrap()));
    }
}
