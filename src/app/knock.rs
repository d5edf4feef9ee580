//! A connection has to begin to speak within the time for headers. Before its first bytes are known, the HTTP
//! library knows no time limit, and it would wait for ever: for nothing, or for the rest of an HTTP/2 preface,
//! which nobody speaks here (the socket needs HTTP/1.1, and a proxy in front speaks it too).

use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How a connection over HTTP/2 begins (RFC 9113 §3.4). No method of HTTP/1 does.
const PREFACE: &[u8] = b"PRI ";
/// Between two looks at a beginning that may still become anything.
const LOOK: Duration = Duration::from_millis(20);

/// Takes connections that begin to speak, and turns the others away.
#[derive(Clone)]
pub struct Knock {
    pub within: Duration,
    pub stop: CancellationToken,
}

impl<S: Send + 'static> Accept<TcpStream, S> for Knock {
    type Stream = TcpStream;
    type Service = S;
    type Future = BoxFuture<'static, io::Result<(TcpStream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Self { within, stop } = self.clone();
        Box::pin(async move {
            stream.set_nodelay(true)?;
            tokio::select! {
                begun = timeout(within, begun(&stream)) => begun.map_err(|_| io::ErrorKind::TimedOut)??,
                () = stop.cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
            Ok((stream, service))
        })
    }
}

/// Waits until the first bytes can only be HTTP/1, without taking them.
async fn begun(stream: &TcpStream) -> io::Result<()> {
    let mut first = [0; PREFACE.len()];
    loop {
        let count = stream.peek(&mut first).await?;
        if count == 0 || first == *PREFACE {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !PREFACE.starts_with(&first[..count]) {
            return Ok(());
        }
        sleep(LOOK).await;
    }
}
