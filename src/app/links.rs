//! What links and printed codes begin with.

use std::net::{IpAddr, SocketAddr, UdpSocket};

/// What links begin with: what was configured, or an address that a phone on this network can reach.
pub fn base(scheme: &str, address: SocketAddr, configured: Option<&str>) -> String {
    if let Some(url) = configured {
        return url.to_owned();
    }
    let ip = if address.ip().is_unspecified() {
        lan_address().unwrap_or(IpAddr::from([127, 0, 0, 1]))
    } else {
        address.ip()
    };
    format!("{scheme}://{}", SocketAddr::new(ip, address.port()))
}

/// The address of the interface that the default route uses. Connecting a UDP socket sends nothing;
/// 192.0.2.1 is set aside for documentation (RFC 5737).
fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
