//! Who calls: the bearer token's claims, the idempotency key, the address. Extracted once, at the edge.

use super::problems::Failure;
use super::{Door, OverTls};
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

/// The phone that scanned before, if the request brings its token, of whatever age.
pub struct Former(pub Option<Claims>);

/// Where a request comes from.
pub struct Address {
    /// The client's address as one unit of limiting: IPv6 by /64, since a customer gets that many.
    pub network: IpAddr,
    /// It comes from this machine, and no proxy says that it brings somebody else's.
    pub is_local: bool,
}

/// Cookies that are set here get `Secure`: the browser came over HTTPS, or links lead it there (through a proxy).
pub struct Secure(pub bool);

/// `Idempotency-Key`: the command's id.
pub struct Key(pub CommandId);

impl Caller {
    pub fn audience(&self) -> Audience {
        audience(&self.0)
    }
}

pub fn audience(claims: &Claims) -> Audience {
    match claims.actor {
        Actor::Guest { .. } | Actor::Takeaway { .. } => Audience::Guest,
        Actor::Staff { .. } | Actor::Screen { .. } | Actor::System => Audience::Staff,
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

impl FromRequestParts<Arc<Door>> for Former {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        Ok(Self(bearer(&parts.headers).and_then(|token| door.commands.former(token))))
    }
}

impl FromRequestParts<Arc<Door>> for Address {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Failure> {
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, door).await;
        let peer = peer.map_err(|_| Failure::bug())?;
        Ok(Self::of(&door.trusted_proxies, peer.0.ip(), &parts.headers))
    }
}

impl FromRequestParts<Arc<Door>> for Secure {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Self::Rejection> {
        Ok(Self(door.secure || parts.extensions.get::<OverTls>().is_some()))
    }
}

impl Address {
    fn of(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> Self {
        let address = client_address(trusted, peer, headers);
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        };
        // A proxy on this machine that nobody listed as trusted is no reason to take the world for local.
        let is_proxied = BY_PROXIES.iter().any(|name| headers.contains_key(*name));
        let is_trusted = trusted.iter().any(|net| net.contains(peer));
        Self { network, is_local: address.is_loopback() && (is_trusted || !is_proxied) }
    }
}

/// Headers that a proxy adds, and a browser or a scraper on this machine does not.
const BY_PROXIES: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

impl FromRequestParts<Arc<Door>> for Key {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Door>) -> Result<Self, Failure> {
        key_of(&parts.headers)?.map(Self).ok_or_else(bad_key)
    }
}

/// The key, where it may be left out: what is sent must be one all the same.
pub fn key_of(headers: &HeaderMap) -> Result<Option<CommandId>, Failure> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|value| Uuid::try_parse(value).ok());
    id.map(|id| Some(CommandId(id))).ok_or_else(bad_key)
}

fn bad_key() -> Failure {
    let detail =
        "Send an `Idempotency-Key` header with a UUID of your own making; use the same one when you try again.";
    Failure::new(StatusCode::BAD_REQUEST, "key_missing", detail)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// See `http::client_address`. IPv4 that came over an IPv6 socket (`::ffff:10.0.0.1`) is IPv4: in one /64
/// all of it would be one client.
pub fn client_address(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.to_canonical();
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
            Ok(address) => return address.to_canonical(),
            Err(_) => break,
        }
    }
    peer
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: &str = "8.8.8.8";

    fn forwarded(value: &str) -> HeaderMap {
        HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), value.parse().unwrap())])
    }

    fn at(trusted: &[&str], peer: &str, headers: &HeaderMap) -> Address {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        Address::of(&trusted, peer.parse().unwrap(), headers)
    }

    #[test]
    fn only_trusted_proxies_may_say_who_the_client_is() {
        let network = |trusted: &[&str], peer, value| at(trusted, peer, &forwarded(value)).network.to_string();
        let claim = "1.2.3.4, 9.9.9.9, 10.1.1.1";
        assert_eq!(network(&["10.0.0.0/8"], "10.0.0.1", claim), "9.9.9.9", "the left-most is the client's own claim");
        assert_eq!(network(&["10.0.0.0/8"], STRANGER, claim), STRANGER);
        assert_eq!(network(&[], "10.0.0.1", claim), "10.0.0.1");
        assert_eq!(network(&["10.0.0.0/8"], "10.0.0.1", "garbage"), "10.0.0.1");
    }

    #[test]
    fn ipv6_counts_by_its_64_and_ipv4_over_ipv6_by_itself() {
        let network = |peer| at(&[], peer, &HeaderMap::new()).network.to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        let proxied = at(&["127.0.0.1"], "::ffff:127.0.0.1", &forwarded("::ffff:203.0.113.7"));
        assert_eq!(proxied.network.to_string(), "203.0.113.7");
    }

    #[test]
    fn local_is_what_comes_from_this_machine_and_through_no_proxy_for_somebody_else() {
        let none = HeaderMap::new();
        for peer in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(at(&[], peer, &none).is_local, "{peer}");
        }
        assert!(!at(&[], STRANGER, &none).is_local);
        assert!(!at(&[], STRANGER, &forwarded("127.0.0.1")).is_local);
        assert!(!at(&["127.0.0.1"], "127.0.0.1", &forwarded(STRANGER)).is_local);
        assert!(at(&["127.0.0.1"], "127.0.0.1", &forwarded("127.0.0.1")).is_local);
        assert!(!at(&[], "127.0.0.1", &forwarded(STRANGER)).is_local, "a proxy that nobody listed");
        assert!(!at(&[], "127.0.0.1", &forwarded("127.0.0.1")).is_local, "it may pass on what a client wrote");
    }
}
