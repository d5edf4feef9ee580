//! E-mail over SMTP (RFC 5321), by `lettre`. A mail that was handed over without an answer is not handed over again:
//! nobody can be asked whether it is there.

use super::{Content, Doing, Found, Messenger, Outgoing, SendError, Sent, Sought};
use crate::domain::message::Stage;
use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, MailBodyParameter, MailParameter};
use secrecy::{ExposeSecret, SecretString};
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
    host: String,
    port: u16,
    privacy: Privacy,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    answer: Duration,
}

/// How long a server has to answer our goodbye.
const GOODBYE: Duration = Duration::from_millis(500);
/// A login that is refused is the operator's to mend, not the mail's fault (RFC 4954 §6).
const LOGIN_REFUSED: [u16; 4] = [530, 534, 535, 538];

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
        let tls = match server.privacy {
            Privacy::Tls | Privacy::StartTls => Some(TlsParameters::new(server.host.clone())?),
            Privacy::Plain => None,
        };
        let login = || Credentials::new(server.user.clone(), server.password.expose_secret().to_owned());
        Ok(Self {
            host: server.host.clone(),
            port: server.port,
            privacy: server.privacy,
            tls,
            credentials: (!server.user.is_empty()).then(login),
            from: server.from.parse()?,
            answer: server.answer,
        })
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
        let text = mail.formatted();
        // Until the server wants to read it, nothing was handed over.
        let mut connection = match tokio::time::timeout(self.answer, self.begin(mail.envelope(), &text)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(said(&error).unwrap_or(SendError::NotSent("no session"))),
            Err(_) => return Err(SendError::NotSent("no session in time")),
        };
        match tokio::time::timeout(self.answer, connection.message(&text)).await {
            Ok(Ok(_)) => {
                drop(tokio::time::timeout(GOODBYE, connection.quit()).await);
                Ok(Sent { id: None, stage: Stage::Sent, error: None })
            }
            Ok(Err(error)) => Err(said(&error).unwrap_or(SendError::Unknown("no answer"))),
            Err(_) => Err(SendError::Unknown("time-out")),
        }
    }

    /// As far as where the server says that it reads (354).
    async fn begin(&self, envelope: &Envelope, text: &[u8]) -> Result<AsyncSmtpConnection, Error> {
        let name = ClientId::default();
        let at_once = self.tls.clone().filter(|_| self.privacy == Privacy::Tls);
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.answer), &name, at_once, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.privacy == Privacy::StartTls) {
            connection.starttls(tls, &name).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        let mut parameters = Vec::new();
        let mut addresses = envelope.to().iter().chain(envelope.from());
        if addresses.any(|address| !address.to_string().is_ascii()) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !text.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        connection.command(Mail::new(envelope.from().cloned(), parameters)).await?;
        for to in envelope.to() {
            connection.command(Rcpt::new(to.clone(), Vec::new())).await?;
        }
        connection.command(Data).await?;
        Ok(connection)
    }
}

fn refused(code: &str) -> SendError {
    SendError::Api { status: 0, code: code.to_owned(), permanent: true, retry_after: None }
}

/// With a code the server says that it did not take the mail: 5 for good, 4 for now (RFC 5321 §4.2.1), as greylisting
/// does.
fn said(error: &Error) -> Option<SendError> {
    let code = error.status()?.to_string();
    let status = code.parse().unwrap_or(0);
    let permanent = error.is_permanent() && !LOGIN_REFUSED.contains(&status);
    Some(SendError::Api { status, code, permanent, retry_after: None })
}

impl Messenger for Smtp {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent> {
        Box::pin(self.hand_over(message))
    }

    fn find<'a>(&'a self, _: &'a Sought) -> Doing<'a, Found> {
        Box::pin(std::future::ready(Ok(Found::Unsure)))
    }
}
