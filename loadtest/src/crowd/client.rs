//! One client: a socket, where it is in its life, and what it holds. It keeps no buffer while nothing is under way, so
//! that twenty thousand of them are light. The loop that owns them all is in `hands`.

use super::news::{self, News};
use super::wire::{self, Answer, Kind};
use super::words::{Seat, Speech};
use crate::stopwatch::due_of;
use anyhow::{Context, Result, bail};
use comanda::domain::ids::{Cursor, Seq};
use mio::net::TcpStream;
use serde_json::json;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use uuid::Uuid;

/// Where a client is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Has no socket.
    Away,
    /// Its handshake is under way.
    Knocking,
    /// It is let in, and has asked for its topic.
    Asking,
    /// It has its topic.
    Ready,
}

pub struct Client {
    pub seat: Seat,
    pub stage: Stage,
    pub socket: Option<TcpStream>,
    cursor: Option<Cursor>,
    /// The number of a peer's last message.
    numbered: i64,
    /// Events since it came back.
    pub since: u64,
    /// What it has drawn and not yet said; `Some` while it is to be said.
    pub undrawn: Option<Seq>,
    /// A frame that has not come whole.
    inbox: Vec<u8>,
    /// What the socket has not taken.
    outbox: Vec<u8>,
}

/// What came of reading.
pub enum Heard {
    /// Everything that there was.
    All,
    /// It was put off for so long.
    Later(Duration),
    /// The server ended it.
    Ended(String),
}

/// What a message meant for the client itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meant {
    Nothing,
    /// It has its topic now.
    Ready,
    /// The next message of its sequence; `due_us` if it says so.
    Next {
        due_us: Option<u64>,
        command: Option<Uuid>,
        hole: bool,
        ticket: bool,
    },
    /// It had it already.
    Repeated,
    Resync,
}

impl Client {
    pub fn new(seat: Seat) -> Self {
        Self {
            seat,
            stage: Stage::Away,
            socket: None,
            cursor: None,
            numbered: 0,
            since: 0,
            undrawn: None,
            inbox: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// Begins to connect, from this address.
    ///
    /// # Errors
    /// No socket, or no port left at that address.
    pub fn knock(&mut self, from: Ipv4Addr) -> Result<&mut TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
        socket.bind(&SockAddr::from(SocketAddr::from((from, 0))))?;
        socket.set_tcp_nodelay(true)?;
        // Dropped, it is cut: no word to the server, and no port that waits.
        socket.set_linger(Some(Duration::ZERO))?;
        match socket.connect(&self.seat.server.into()) {
            Ok(()) => {}
            // EINPROGRESS
            Err(error) if error.raw_os_error() == Some(115) => {}
            Err(error) => return Err(error).context("a client cannot connect"),
        }
        self.outbox.clear();
        self.inbox = Vec::new();
        wire::ask(&mut self.outbox, &self.seat.server.to_string(), &self.seat.path);
        self.stage = Stage::Knocking;
        Ok(self.socket.insert(TcpStream::from_std(socket.into())))
    }

    /// Drops the socket as a network does.
    pub fn leave(&mut self) {
        self.socket = None;
        self.stage = Stage::Away;
        self.undrawn = None;
        self.inbox = Vec::new();
        self.outbox = Vec::new();
    }

    /// Writes what there is to write, as far as the socket takes it.
    ///
    /// # Errors
    /// The connection broke.
    pub fn flush(&mut self) -> Result<()> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        while !self.outbox.is_empty() {
            match socket.write(&self.outbox) {
                Ok(written) => drop(self.outbox.drain(..written)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => return Ok(()),
                Err(error) => return Err(error).context("a client cannot write"),
            }
        }
        self.outbox = Vec::new();
        Ok(())
    }

    /// Reads all that is there into `shared`, which all clients use, and tells `hear` of each message.
    ///
    /// # Errors
    /// What a server must not say.
    pub fn read(&mut self, shared: &mut [u8], hear: &mut impl FnMut(&mut Self, Meant, usize)) -> Result<Heard> {
        loop {
            let kept = self.inbox.len();
            // A frame larger than the shared buffer is put together in the client's own.
            if kept * 2 > shared.len() {
                bail!("the server sent a message of more than {kept} bytes");
            }
            shared[..kept].copy_from_slice(&self.inbox);
            let Some(socket) = &mut self.socket else { return Ok(Heard::All) };
            let read = match socket.read(&mut shared[kept..]) {
                Ok(0) => return Ok(Heard::Ended("the server closed the connection".to_owned())),
                Ok(read) => read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {
                    return Ok(Heard::All);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Heard::Ended(format!("the connection broke: {error}"))),
            };
            let (filled, room) = (kept + read, shared.len());
            self.inbox = Vec::new();
            match self.understand(&shared[..filled], hear)? {
                Ok(used) => self.inbox.extend_from_slice(&shared[used..filled]),
                Err(heard) => return Ok(heard),
            }
            // epoll(7): a short read means that nothing is left, and what comes later is told anew.
            if filled < room {
                return Ok(Heard::All);
            }
        }
    }

    /// Says how much of it was whole messages, or why it is over.
    fn understand(
        &mut self,
        bytes: &[u8],
        hear: &mut impl FnMut(&mut Self, Meant, usize),
    ) -> Result<Result<usize, Heard>> {
        let mut used = 0;
        if self.stage == Stage::Knocking {
            match wire::answered(bytes)? {
                None => return Ok(Ok(0)),
                Some((Answer::Later(seconds), _)) => return Ok(Err(Heard::Later(Duration::from_secs(seconds)))),
                Some((Answer::Switched, length)) => used = length,
            }
            let meant = self.let_in();
            hear(self, meant, 0);
        }
        while let Some(piece) = wire::first(&bytes[used..])? {
            match piece.kind {
                Kind::Text => {
                    let meant = self.message(piece.payload)?;
                    hear(self, meant, piece.bytes);
                }
                Kind::Ping => wire::pong(&mut self.outbox, piece.payload),
                Kind::Pong => {}
                Kind::Close => return Ok(Err(self.closed(piece.payload.get(2..).unwrap_or_default()))),
            }
            used += piece.bytes;
        }
        self.flush()?;
        Ok(Ok(used))
    }

    /// A server that is too busy to let somebody in says when to come again, as it does at the handshake.
    fn closed(&self, reason: &[u8]) -> Heard {
        let busy = self.stage == Stage::Asking && reason.starts_with(br#"{"code":"busy""#);
        match news::retry_ms(reason).filter(|_| busy) {
            Some(ms) => Heard::Later(Duration::from_millis(ms)),
            None => Heard::Ended(format!("the server closed with {}", String::from_utf8_lossy(reason))),
        }
    }

    /// The handshake is done: says who it is and what it wants.
    fn let_in(&mut self) -> Meant {
        self.stage = Stage::Asking;
        match &self.seat.speaks {
            Speech::Comanda { token, .. } => {
                let hello = json!({ "op": "hello", "token": token, "protocol": 1 }).to_string();
                wire::text(&mut self.outbox, hello.as_bytes());
                self.subscribe();
                Meant::Nothing
            }
            Speech::Plain => {
                self.stage = Stage::Ready;
                Meant::Ready
            }
            Speech::SocketIo { .. } => Meant::Nothing,
        }
    }

    pub fn subscribe(&mut self) {
        let Speech::Comanda { topic, .. } = &self.seat.speaks else { return };
        let mut subscribe = json!({ "op": "subscribe", "topic": topic });
        if let Some(cursor) = self.cursor {
            subscribe["after"] = json!(cursor);
        }
        wire::text(&mut self.outbox, subscribe.to_string().as_bytes());
    }

    fn message(&mut self, text: &[u8]) -> Result<Meant> {
        let news = match &self.seat.speaks {
            Speech::Comanda { .. } => news::comanda(text)?,
            Speech::Plain => news::plain(text)?,
            Speech::SocketIo { topic } => {
                let topic = topic.clone();
                return self.socket_io(text, &topic);
            }
        };
        self.take(news)
    }

    /// Engine.IO's packets are one digit, Socket.IO's one more (github.com/socketio/socket.io-protocol).
    fn socket_io(&mut self, text: &[u8], topic: &str) -> Result<Meant> {
        match text {
            [b'0', ..] => wire::text(&mut self.outbox, b"40"),
            [b'2'] => wire::text(&mut self.outbox, b"3"),
            [b'4', b'0', ..] => wire::text(&mut self.outbox, format!("42{}", json!(["join", topic])).as_bytes()),
            b"42[\"joined\"]" => {
                self.stage = Stage::Ready;
                return Ok(Meant::Ready);
            }
            [b'4', b'2', ..] => return self.take(news::plain(text)?),
            _ => bail!("Socket.IO said {}", String::from_utf8_lossy(text)),
        }
        Ok(Meant::Nothing)
    }

    fn take(&mut self, news: News) -> Result<Meant> {
        match news {
            News::Event { seq, prev, command, ticket } => {
                let Some(cursor) = &mut self.cursor else { return Ok(Meant::Repeated) };
                if seq <= cursor.seq {
                    return Ok(Meant::Repeated);
                }
                let hole = prev > cursor.seq;
                cursor.seq = seq;
                self.since += 1;
                Ok(Meant::Next { due_us: command.and_then(due_of), command, hole, ticket })
            }
            News::Numbered { n, at } => {
                if n <= self.numbered {
                    return Ok(Meant::Repeated);
                }
                let hole = self.numbered > 0 && n > self.numbered + 1;
                self.numbered = n;
                self.since += 1;
                Ok(Meant::Next { due_us: Some(at), command: None, hole, ticket: false })
            }
            News::Subscribed(cursor) => {
                self.cursor = Some(cursor);
                self.stage = Stage::Ready;
                Ok(Meant::Ready)
            }
            News::Resync => {
                self.subscribe();
                Ok(Meant::Resync)
            }
            News::Refused(why) => bail!("the server said {why}"),
            News::Other => Ok(Meant::Nothing),
        }
    }

    /// Is it a screen that has drawn something that it has not said?
    pub fn has_drawn(&mut self) -> bool {
        let Speech::Comanda { stations, .. } = &self.seat.speaks else { return false };
        let (Some(cursor), false) = (self.cursor, stations.is_empty()) else { return false };
        self.undrawn.replace(cursor.seq).is_none()
    }

    /// Says what it has drawn.
    ///
    /// # Errors
    /// The connection broke.
    pub fn tell_drawn(&mut self) -> Result<()> {
        let (Some(seq), Speech::Comanda { topic, stations, .. }) = (self.undrawn.take(), &self.seat.speaks) else {
            return Ok(());
        };
        let shown = json!({ "op": "shown", "topic": topic, "seq": seq, "stations": stations });
        wire::text(&mut self.outbox, shown.to_string().as_bytes());
        self.flush()
    }
}
