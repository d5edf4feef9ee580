//! A push service (RFC 8030) on loopback and a browser that subscribed to it: takes messages, says that a subscription is
//! gone, limits, finds a message too long; and reads what was sealed (RFC 8291) with the browser's own key.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// A message as the service got it.
#[derive(Clone, Debug)]
pub struct Got {
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Default)]
struct Inner {
    got: Vec<Got>,
    answers: VecDeque<u16>,
}

#[derive(Clone)]
pub struct PushService {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
}

impl PushService {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let me = Self { base, inner: Arc::default() };
        let router = Router::new().route("/push/{id}", post(take)).with_state(me.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        me
    }

    /// The next messages are answered so, those after them with 201.
    pub fn will(&self, answers: &[u16]) {
        self.inner.lock().unwrap().answers.extend(answers);
    }

    pub fn got(&self) -> Vec<Got> {
        self.inner.lock().unwrap().got.clone()
    }
}

async fn take(State(service): State<PushService>, headers: HeaderMap, body: Bytes) -> Response {
    let mut inner = service.inner.lock().unwrap();
    inner.got.push(Got { headers, body });
    let status = inner.answers.pop_front().unwrap_or(201);
    let mut response = StatusCode::from_u16(status).expect("a status").into_response();
    if status == 429 {
        response.headers_mut().insert("retry-after", "7".parse().expect("a header"));
    }
    response
}

/// A browser's subscription, with the keys that only it knows.
pub struct Browser {
    private: EphemeralPrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
    endpoint: String,
}

impl Browser {
    pub fn subscribed(endpoint: String) -> Self {
        let random = SystemRandom::new();
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &random).expect("a key");
        let public = private.compute_public_key().expect("its other half").as_ref().to_vec();
        let mut auth = [0; 16];
        random.fill(&mut auth).expect("chance");
        Self { private, public, auth, endpoint }
    }

    /// As `PushSubscription.toJSON` says it.
    pub fn subscription(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "endpoint": self.endpoint, "p256dh": text(&self.public), "auth": text(&self.auth) })
    }

    /// What a message says. Its key is used up with it.
    pub fn reads(self, sealed: &[u8]) -> Value {
        let (salt, rest) = sealed.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!(size, 4096_u32.to_be_bytes(), "the record's size");
        let (length, rest) = rest.split_first().expect("a length");
        let (theirs, record) = rest.split_at(usize::from(*length));
        let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let shared = agreement::agree_ephemeral(self.private, &peer, <[u8]>::to_vec).expect("a shared secret");
        let info = [b"WebPush: info\0", &*self.public, theirs].concat();
        let secret = derived(&self.auth, &shared, &info);
        let key = derived(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce = derived(salt, &secret, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).expect("a nonce");
        let mut record = record.to_vec();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).expect("it was sealed for this browser");
        let end = text.iter().rposition(|byte| *byte != 0).expect("a delimiter");
        assert_eq!(text[end], 2, "the last record ends so");
        serde_json::from_slice(&text[..end]).expect("JSON")
    }
}

/// HKDF with SHA-256 (RFC 5869), the first 32 bytes: by hand, so that it is not the server's own.
fn derived(salt: &[u8], secret: &[u8], info: &[u8]) -> Vec<u8> {
    let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt), secret);
    let expanding = hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref());
    hmac::sign(&expanding, &[info, &[1]].concat()).as_ref().to_vec()
}

/// The claims of a VAPID header (RFC 8292 §3), if the key in it, and nobody else's, signed them.
pub fn vapid(headers: &HeaderMap) -> (Value, String) {
    let header = headers["authorization"].to_str().expect("text");
    let (token, key) = header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("vapid");
    let (text, tag) = token.rsplit_once('.').expect("a signature");
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let public = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, decoded(key));
    public.verify(text.as_bytes(), &decoded(tag)).expect("signed by that key");
    let (head, claims) = text.split_once('.').expect("a header");
    let head: Value = serde_json::from_slice(&decoded(head)).expect("JSON");
    assert_eq!(head, json!({ "typ": "JWT", "alg": "ES256" }));
    (serde_json::from_slice(&decoded(claims)).expect("JSON"), key.to_owned())
}
