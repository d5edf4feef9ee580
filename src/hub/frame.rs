//! A frame: one message, serialised and WebSocket-framed once, shared by everybody who gets it (L8).

use bytes::Bytes;

/// Bytes of a server's text frame header before the payload (RFC 6455 §5.2; servers do not mask).
const SMALL: usize = 125;
const MEDIUM: usize = 0xffff;

/// One text message, ready for the wire. Cloning shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    bytes: Bytes,
    header: u8,
}

impl Frame {
    /// Frames a text.
    #[must_use]
    pub fn text(payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(payload.len() + 10);
        bytes.push(0x81);
        match payload.len() {
            len @ 0..=SMALL => bytes.push(u8::try_from(len).unwrap_or(0)),
            len @ 126..=MEDIUM => {
                bytes.push(126);
                bytes.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
            }
            len => {
                bytes.push(127);
                bytes.extend_from_slice(&(len as u64).to_be_bytes());
            }
        }
        let header = u8::try_from(bytes.len()).unwrap_or(0);
        bytes.extend_from_slice(payload);
        Self { bytes: Bytes::from(bytes), header }
    }

    /// An empty ping: asks a silent client for a sign of life.
    #[must_use]
    pub fn ping() -> Self {
        Self { bytes: Bytes::from_static(&[0x89, 0x00]), header: 2 }
    }

    /// Frames a message.
    #[must_use]
    pub fn json<T: serde::Serialize>(message: &T) -> Self {
        Self::text(&serde_json::to_vec(message).unwrap_or_default())
    }

    /// With the header, for a socket.
    #[must_use]
    pub fn wire(&self) -> &Bytes {
        &self.bytes
    }

    /// The JSON alone, for the long poll.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(usize::from(self.header)..).unwrap_or_default()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_rfc_6455() {
        assert_eq!(Frame::text(b"hi").wire().as_ref(), b"\x81\x02hi");
        assert_eq!(&Frame::text(&[b'x'; 126]).wire()[..4], &[0x81, 126, 0, 126]);
        assert_eq!(&Frame::text(&[b'x'; 65_536]).wire()[..10], &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        for len in [0, 125, 126, 65_535, 65_536] {
            assert_eq!(Frame::text(&vec![b'x'; len]).payload().len(), len);
        }
    }
}
