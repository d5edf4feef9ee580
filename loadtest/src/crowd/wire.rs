//! The least of WebSocket (RFC 6455) that a client of a load needs: whole frames of a server read in place, masked
//! frames written, and the handshake.

use anyhow::{Result, bail};

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Ping,
    Pong,
    Close,
}

/// A whole frame at the beginning of what was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'b> {
    pub kind: Kind,
    pub payload: &'b [u8],
    /// With its header.
    pub bytes: usize,
}

/// Any mask will do: there is no proxy on the loopback that could be fooled.
const MASK: [u8; 4] = [0x5a, 0xa5, 0x3c, 0xc3];
/// Of an answer to a handshake, at most.
const HEAD_BYTES: usize = 16 * 1024;

/// The first frame, if it is there whole.
///
/// # Errors
/// Fragments, masks, or a frame of another kind.
pub fn first(buffer: &[u8]) -> Result<Option<Piece<'_>>> {
    let [first, second, rest @ ..] = buffer else { return Ok(None) };
    let kind = match first {
        0x81 => Kind::Text,
        0x88 => Kind::Close,
        0x89 => Kind::Ping,
        0x8a => Kind::Pong,
        other => bail!("the server sent a frame that begins with {other:#04x}"),
    };
    let (header, len) = match second {
        126 => match rest {
            [a, b, ..] => (4, usize::from(u16::from_be_bytes([*a, *b]))),
            _ => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(len) => (10, usize::try_from(u64::from_be_bytes(*len))?),
            None => return Ok(None),
        },
        len @ 0..=125 => (2, usize::from(*len)),
        masked => bail!("the server sent a frame with the length {masked:#04x}"),
    };
    let whole = header + len;
    Ok(buffer.get(header..whole).map(|payload| Piece { kind, payload, bytes: whole }))
}

/// Appends a text frame of a client.
pub fn text(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, 0x81, payload);
}

/// Appends the answer to a ping.
pub fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    frame(out, 0x8a, payload);
}

fn frame(out: &mut Vec<u8>, first: u8, payload: &[u8]) {
    out.push(first);
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | u8::try_from(len).unwrap_or(0)),
        len => {
            out.push(0x80 | 126);
            out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// Asks for a WebSocket.
pub fn ask(out: &mut Vec<u8>, host: &str, path: &str) {
    let key = "bG9hZCB0ZXN0IG5vdW5jZQ==";
    let text = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    out.extend_from_slice(text.as_bytes());
}

/// What the server answered to [`ask`].
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Switched,
    /// Come back after so many seconds.
    Later(u64),
}

/// The answer and its length, if it is there whole.
///
/// # Errors
/// Any answer but 101 and 503.
pub fn answered(buffer: &[u8]) -> Result<Option<(Answer, usize)>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        if buffer.len() > HEAD_BYTES {
            bail!("the server's answer to the handshake does not end");
        }
        return Ok(None);
    };
    let head = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    let answer = match status {
        "101" => Answer::Switched,
        "503" => {
            let after = head.lines().find_map(|line| line.strip_prefix("retry-after:"));
            Answer::Later(after.and_then(|seconds| seconds.trim().parse().ok()).unwrap_or(1))
        }
        other => bail!("the server answered the handshake with {other}"),
    };
    Ok(Some((answer, end + 4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use comanda::hub::frame::Frame;

    #[test]
    fn the_servers_own_frames_are_read_whole_or_not_at_all() {
        for len in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; len];
            let mut wire = Frame::text(&payload).wire().to_vec();
            assert_eq!(first(&wire[..wire.len() - 1]).unwrap(), None);
            let bytes = wire.len();
            wire.extend_from_slice(Frame::ping().wire());
            assert_eq!(first(&wire).unwrap(), Some(Piece { kind: Kind::Text, payload: &payload, bytes }));
            assert_eq!(first(&wire[bytes..]).unwrap(), Some(Piece { kind: Kind::Ping, payload: &[], bytes: 2 }));
        }
        assert!(first(&[0x01, 0]).is_err() && first(&[0x81, 0x81]).is_err());
    }

    #[test]
    fn a_text_is_masked() {
        let mut out = Vec::new();
        text(&mut out, b"hello");
        assert_eq!(out[..2], [0x81, 0x85]);
        let clear: Vec<u8> = out[6..].iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        assert_eq!(clear, b"hello");
        out.clear();
        text(&mut out, &[0; 300]);
        assert_eq!((out[..4].to_vec(), out.len()), (vec![0x81, 0xfe, 1, 44], 308));
    }

    #[test]
    fn a_handshake_is_let_in_sent_back_or_refused() {
        let switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00";
        assert_eq!(answered(switched).unwrap(), Some((Answer::Switched, switched.len() - 2)));
        assert_eq!(answered(b"HTTP/1.1 101 Switching").unwrap(), None);
        let later = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 4\r\n\r\n";
        assert_eq!(answered(later).unwrap(), Some((Answer::Later(4), later.len())));
        assert!(answered(b"HTTP/1.1 404 Not Found\r\n\r\n").is_err());
    }
}
