//! E-mail over SMTP (RFC 5321), by `lettre`. A mail that was handed over without an answer is not handed over again:
//! nobody can be asked whether it is there.

use super::{Content, Doing, Messenger, Outgoing, SendError, Sent, Sought};
use crate::domain::message::Stage;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::error::Error as _;
use std::io::ErrorKind;
use std::time::Duration;

/// How the way to the server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS before anything is said (port 587).
    StartTls,
    /// None: only for a server on the same machine.
    Plain,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub privacy: Privacy,
    /// Empty: without a login.
    pub user: String,
    pub password: SecretString,
    /// `Casa Oliva <orders@example.com>`
    pub from: String,
    /// Whatever takes longer is unknown.
    pub answer: Duration,
}

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    answer: Duration,
}

/// A session has several answers.
const STEPS: u32 = 2;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    #[error("`smtp.from` is no address")]
    From(#[from] lettre::address::AddressError),
    #[error("the mail server's settings cannot be used")]
    Server(#[from] Error),
}

impl Smtp {
    /// # Errors
    /// A sender that is no address, a host that is no name.
    pub fn new(server: &Server) -> Result<Self, SmtpError> {
        let builder = match server.privacy {
            Privacy::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&server.host)?,
            Privacy::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&server.host)?,
            Privacy::Plain => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host),
        };
        let mut builder = builder.port(server.port).timeout(Some(server.answer));
        if !server.user.is_empty() {
            let password = server.password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(server.user.clone(), password));
        }
        Ok(Self { transport: builder.build(), from: server.from.parse()?, answer: server.answer })
    }

    async fn hand_over(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let Content::Text { subject, body } = &message.content else {
            return Err(refused("no_text"));
        };
        let to: Mailbox = message.to.parse().map_err(|_| refused("no_address"))?;
        let mail = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body.clone())
            .map_err(|_| refused("no_mail"))?;
        let within = tokio::time::timeout(self.answer * STEPS, self.transport.send(mail)).await;
        match within {
            Ok(Ok(_)) => Ok(Sent { id: None, stage: Stage::Sent, error: None }),
            Ok(Err(error)) => Err(failed(&error)),
            Err(_) => Err(SendError::Unknown("time-out")),
        }
    }
}

fn refused(code: &str) -> SendError {
    SendError::Api { status: 0, code: code.to_owned(), permanent: true, retry_after: None }
}

/// A code of the server says that the mail was not taken; anything else that broke may have broken after it was.
fn failed(error: &Error) -> SendError {
    if let Some(code) = error.status() {
        let code = code.to_string();
        let status = code.parse().unwrap_or(0);
        return SendError::Api { status, code, permanent: error.is_permanent(), retry_after: None };
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(io, Some(ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable))
        {
            return SendError::NotSent("no connection");
        }
        cause = inner.source();
    }
    if error.is_client() || error.is_tls() { SendError::NotSent("no session") } else { SendError::Unknown("no answer") }
}

impl Messenger for Smtp {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent> {
        Box::pin(self.hand_over(message))
    }

    fn find<'a>(&'a self, _: &'a Sought) -> Doing<'a, Option<Sent>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}
