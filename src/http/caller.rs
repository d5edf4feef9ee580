//! Who calls: the bearer token's claims, the idempotency key, the address. Extracted once, at the edge.

use super::Door;
use super::problems::Failure;
use crate::config::IpNet;
use crate::domain::ids::CommandId;
use crate::domain::people::Actor;
use crate::domain::topic::Audience;
use crate::identity::tokens::Claims;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use uuid::Uuid;

/// Somebody with a good token, within their limits.
pub struct Caller(pub Claims);

/// Somebody who may have a token; one that is not good counts as none.
pub struct MaybeCaller(pub Option<Claims>);

/// The client's address, as one unit of limiting (IPv6 by /64).
pub struct Address(pub IpAddr);

/// `Idempotency-Key`: the command's id.
pub struct Key(pub CommandId);

impl Caller {
    pub fn audience(&self) -> Audience {
        audience(&self.0)
    }
}

pub fn audience(claims: &Claims) -> Audience {
    match claims.actor {
        Actor::Guest { .. } => Audience::Guest,
        Actor::Staff { .. } | Actor::System => Audience::Staff,
    }
}

impl FromRequestParts<Arc<Door>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        let token = bearer(&parts.headers).ok_or_else(|| Failure::unauthorized("unauthorized"))?;
        let claims = door.commands.authenticate(token)?;
        door.limits.request(&claims)?;
        Ok(Self(claims))
    }
}

impl FromRequestParts<Arc<Door>> for MaybeCaller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        Ok(Self(bearer(&parts.headers).and_then(|token| door.commands.authenticate(token).ok())))
    }
}

impl FromRequestParts<Arc<Door>> for Address {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, door).await;
        let peer = peer.map_err(|_| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "bug", "No peer address."))?;
        let address = client_address(&door.trusted_proxies, peer.0.ip(), &parts.headers);
        Ok(Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        }))
    }
}

impl FromRequestParts<Arc<Door>> for Key {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Door>) -> Result<Self, Failure> {
        let id =
            parts.headers.get("idempotency-key").and_then(|v| v.to_str().ok()).and_then(|v| Uuid::try_parse(v).ok());
        id.map(|id| Self(CommandId(id))).ok_or_else(|| {
            let detail =
                "Send an `Idempotency-Key` header with a UUID of your own making; use the same one when you try again.";
            Failure::new(StatusCode::BAD_REQUEST, "key_missing", detail)
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// See `http::client_address`.
pub fn client_address(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(peer) {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in forwarded.into_iter().rev() {
        match hop.trim().parse::<IpAddr>() {
            Ok(address) if is_trusted(address) => {}
            Ok(address) => return address,
            Err(_) => break,
        }
    }
    peer
}

#[cfg(test)]
mod tests {
    use super::client_address;
    use axum::http::HeaderMap;

    #[test]
    fn only_trusted_proxies_may_say_who_the_client_is() {
        let trusted = vec!["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "1.2.3.4, 9.9.9.9, 10.1.1.1".parse().unwrap());
        let proxy = "10.0.0.1".parse().unwrap();
        let stranger = "8.8.8.8".parse().unwrap();
        assert_eq!(
            client_address(&trusted, proxy, &headers).to_string(),
            "9.9.9.9",
            "the left-most is the client's own claim"
        );
        assert_eq!(client_address(&trusted, stranger, &headers), stranger);
        assert_eq!(client_address(&[], proxy, &headers), proxy);
        headers.insert("x-forwarded-for", "garbage".parse().unwrap());
        assert_eq!(client_address(&trusted, proxy, &headers), proxy);
    }
}
