//! The HTTP side of a WebSocket (RFC 6455 §4.2): checked by hand so that the session gets the raw
//! stream and can write frames that are already encoded.

use super::{Door, hello};
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// `GET /ws/{slug}`
pub async fn upgrade(
    State(door): State<Arc<Door>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(slug): Path<String>,
    mut request: Request,
) -> Response {
    let address = (door.client_address)(peer.ip(), request.headers());
    let key = match checked(&door.origins, request.method(), request.headers()) {
        Ok(key) => key,
        Err(refusal) => return *refusal,
    };
    if door.draining.is_cancelled() || door.stop.is_cancelled() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.", Some("1"));
    }
    if door.admission.check().is_err() {
        // Spread: who was turned away together should not come back together.
        let later = ["1", "2", "3", "4", "5"][rand::random_range(0..5)];
        return plain(StatusCode::SERVICE_UNAVAILABLE, "Too many connect at once.", Some(later));
    }
    let Some(place) = Place::take(&door, address) else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many connections of this address wait for their hello.",
            Some("5"),
        );
    };
    let on_upgrade = hyper::upgrade::on(&mut request);
    let tasks = door.tasks.clone();
    tasks.spawn(async move {
        match on_upgrade.await {
            Ok(upgraded) => hello::begin(door, slug, place, upgraded).await,
            Err(error) => tracing::debug!(%error, "a connection went away during its upgrade"),
        }
    });
    switching(&key)
}

/// A connection's place among those of its address that have not said hello. Dropped, it is free.
pub struct Place {
    door: Arc<Door>,
    address: IpAddr,
}

impl Place {
    fn take(door: &Arc<Door>, address: IpAddr) -> Option<Self> {
        let address = network(address);
        let mut pending = door.pending.lock();
        let count = pending.entry(address).or_insert(0);
        if *count >= door.bounds.hello_pending_per_address {
            return None;
        }
        *count += 1;
        Some(Self { door: Arc::clone(door), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut pending = self.door.pending.lock();
        if let Some(count) = pending.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                pending.remove(&self.address);
            }
        }
    }
}

/// IPv6 customers get a /64: it counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

/// The key of a handshake that may go on.
///
/// # Errors
/// The answer to one that may not.
pub fn checked(origins: &[String], method: &Method, headers: &HeaderMap) -> Result<String, Box<Response>> {
    let upgrades = has_word(headers, header::CONNECTION, "upgrade") && has_word(headers, header::UPGRADE, "websocket");
    if method != Method::GET || !upgrades {
        let mut response = plain(
            StatusCode::UPGRADE_REQUIRED,
            "This is a WebSocket; docs/PROTOCOL.md says how to speak with it.",
            None,
        );
        response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        return Err(Box::new(response));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|v| v != "13") {
        let mut response = plain(StatusCode::UPGRADE_REQUIRED, "Only WebSocket version 13 is spoken here.", None);
        response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return Err(Box::new(response));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|v| v.to_str().ok()).filter(|key| is_key(key));
    let Some(key) = key else {
        return Err(Box::new(plain(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64.", None)));
    };
    if !origin_fits(origins, headers) {
        return Err(Box::new(plain(StatusCode::FORBIDDEN, "This page's origin may not connect here.", None)));
    }
    Ok(key.to_owned())
}

fn is_key(key: &str) -> bool {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

/// Browsers always send an Origin: it must be ours or listed. Native clients send none; the token is
/// their authority (W1).
fn origin_fits(origins: &[String], headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let same = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    same || origins.iter().any(|listed| listed.eq_ignore_ascii_case(origin))
}

fn has_word(headers: &HeaderMap, name: header::HeaderName, word: &str) -> bool {
    let words = headers.get_all(name).into_iter().filter_map(|v| v.to_str().ok());
    words.flat_map(|v| v.split(',')).any(|w| w.trim().eq_ignore_ascii_case(word))
}

/// The answer after which the connection is a WebSocket.
#[must_use]
pub fn switching(key: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

fn plain(status: StatusCode, message: &'static str, retry_after: Option<&'static str>) -> Response {
    let mut response = (status, message).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}
