//! A connection has to begin to speak within the time for headers. Before its first bytes are known, the HTTP
//! library knows no time limit, and it would wait for ever: for nothing, or for the rest of an HTTP/2 preface,
//! which nobody speaks here (the socket needs HTTP/1.1, and a proxy in front speaks it too).

use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How a connection over HTTP/2 begins (RFC 9113 §3.4). No method of HTTP/1 does.
const PREFACE: &[u8] = b"PRI ";
/// What is read at once of a connection that begins to speak behind TLS.
const FIRST_BYTES: usize = 512;
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

/// The same behind TLS, where nobody can look at the first bytes without taking them: they are given back.
#[derive(Clone)]
pub struct KnockBehind<A> {
    pub tls: A,
    pub knock: Knock,
}

impl<A, S> Accept<TcpStream, S> for KnockBehind<A>
where
    A: Accept<
            TcpStream,
            S,
            Future: Send + 'static,
            Stream: AsyncRead + Unpin + Send + 'static,
            Service: Send + 'static,
        >,
{
    type Stream = Begun<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Knock { within, stop } = self.knock.clone();
        let handshake = self.tls.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = handshake.await?;
            let mut begun = Begun { first: Vec::with_capacity(FIRST_BYTES), taken: 0, stream };
            tokio::select! {
                spoken = timeout(within, begun.speaks()) => spoken.map_err(|_| io::ErrorKind::TimedOut)??,
                () = stop.cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
            }
            Ok((begun, service))
        })
    }
}

/// A stream whose first bytes were read already.
pub struct Begun<S> {
    first: Vec<u8>,
    taken: usize,
    stream: S,
}

impl<S: AsyncRead + Unpin> Begun<S> {
    /// Reads until the first bytes can only be HTTP/1.
    async fn speaks(&mut self) -> io::Result<()> {
        while PREFACE.starts_with(&self.first) {
            if self.stream.read_buf(&mut self.first).await? == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        if self.first.starts_with(PREFACE) { Err(io::ErrorKind::InvalidData.into()) } else { Ok(()) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Begun<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let rest = this.first.get(this.taken..).unwrap_or_default();
        if rest.is_empty() {
            this.first = Vec::new();
            return Pin::new(&mut this.stream).poll_read(cx, into);
        }
        let given = rest.get(..rest.len().min(into.remaining())).unwrap_or_default();
        into.put_slice(given);
        this.taken += given.len();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Begun<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
