//! Networks of IP addresses in CIDR notation (RFC 4632, RFC 4291 §2.3): which proxies are trusted.

use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that share their first `prefix` bits with `address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct IpNet {
    address: IpAddr,
    prefix: u32,
}

impl IpNet {
    /// Whether `address` is in this network. An IPv4 address that came over an IPv6 socket
    /// (`::ffff:10.0.0.1`) counts as the IPv4 address it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let (mine, width) = bits(self.address);
        let (other, other_width) = bits(address);
        width == other_width && (mine ^ other).checked_shr(width - self.prefix).unwrap_or(0) == 0
    }
}

/// What is wrong with a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IpNetError {
    #[error("`{0}` is neither an IP address nor a network such as 10.0.0.0/8")]
    Malformed(String),
    #[error("`{0}` has bits after its prefix: is it one address, or a network?")]
    BitsAfterPrefix(String),
}

impl FromStr for IpNet {
    type Err = IpNetError;

    /// `10.0.0.0/8`, `fd00::/8`, or one address. IPv4 is written as IPv4, not as `::ffff:10.0.0.1`.
    fn from_str(text: &str) -> Result<Self, IpNetError> {
        let malformed = || IpNetError::Malformed(text.to_owned());
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        if address != address.to_canonical() {
            return Err(malformed());
        }
        let (number, width) = bits(address);
        let prefix = prefix.map_or(Ok(width), str::parse).map_err(|_| malformed())?;
        if prefix > width {
            return Err(malformed());
        }
        let after = 128 - (width - prefix);
        if number.checked_shl(after).unwrap_or(0) != 0 {
            return Err(IpNetError::BitsAfterPrefix(text.to_owned()));
        }
        Ok(Self { address, prefix })
    }
}

impl TryFrom<String> for IpNet {
    type Error = IpNetError;

    fn try_from(text: String) -> Result<Self, IpNetError> {
        text.parse()
    }
}

impl fmt::Display for IpNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// An address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(net: &str, inside: &[&str], outside: &[&str]) {
        let net: IpNet = net.parse().unwrap();
        for address in inside {
            assert!(net.contains(address.parse().unwrap()), "{address} in {net}");
        }
        for address in outside {
            assert!(!net.contains(address.parse().unwrap()), "{address} not in {net}");
        }
    }

    #[test]
    fn a_network_holds_what_shares_its_prefix() {
        check("10.0.0.0/8", &["10.0.0.0", "10.255.255.255"], &["11.0.0.0", "9.255.255.255", "::a00:1"]);
        check("192.168.4.0/22", &["192.168.7.255"], &["192.168.8.0", "192.168.3.255"]);
        check("2001:db8::/33", &["2001:db8:7fff::1"], &["2001:db8:8000::", "2001:db9::"]);
    }

    #[test]
    fn an_address_alone_is_a_network_of_one() {
        check("10.0.0.1", &["10.0.0.1"], &["10.0.0.0", "10.0.0.2"]);
        check("::1", &["::1"], &["::2", "::", "0.0.0.1"]);
    }

    #[test]
    fn everything_is_only_everything_of_its_kind() {
        check("0.0.0.0/0", &["0.0.0.0", "255.255.255.255"], &["::", "2001:db8::1"]);
        check("::/0", &["::", "2001:db8::1"], &["10.0.0.1"]);
    }

    #[test]
    fn ipv4_over_an_ipv6_socket_is_ipv4() {
        check("10.0.0.0/8", &["::ffff:10.1.2.3"], &["::ffff:11.1.2.3"]);
        check("::/0", &[], &["::ffff:10.1.2.3"]);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0/8",
            "::/129",
            "localhost",
            "10.0.0.0/8/8",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(text.parse::<IpNet>(), Err(IpNetError::Malformed(text.into())));
        }
        for text in ["10.0.0.1/8", "0.0.0.1/0", "2001:db8::1/64", "::1/0"] {
            assert_eq!(text.parse::<IpNet>(), Err(IpNetError::BitsAfterPrefix(text.into())));
        }
    }
}
