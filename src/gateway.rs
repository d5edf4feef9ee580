//! Outside APIs: what carries a message to a telephone, a browser or a mailbox. Each is a `Messenger`; none of them
//! knows of orders. Requests go only to what was configured, follow no redirects, and end in time.

pub mod mailbox;
pub mod push;
pub mod smtp;
pub mod twilio;

use crate::domain::message::Stage;
use crate::domain::order::Channel;
use crate::domain::time::Timestamp;
use std::pin::Pin;
use std::time::Duration;

/// A connection to a provider must stand within this time, or that of its answer if that is shorter.
pub const CONNECT: Duration = Duration::from_secs(3);
/// What of an answer is read.
pub const ANSWER_BYTES: usize = 1 << 20;

/// A message as a provider takes it.
#[derive(Clone)]
pub struct Outgoing {
    pub channel: Channel,
    /// A number, an e-mail address, or a browser's subscription as JSON.
    pub to: String,
    pub content: Content,
    /// Where the provider tells what became of it.
    pub callback: Option<String>,
    /// Worth nothing after this.
    pub lasts: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text {
        /// For channels that have one.
        subject: String,
        body: String,
    },
    /// A text that the provider knows and approved, with what goes into its gaps, from 1 on.
    Template { sid: String, gaps: Vec<String>, body: String },
}

impl Content {
    /// As people read it.
    #[must_use]
    pub fn body(&self) -> &str {
        match self {
            Self::Text { body, .. } | Self::Template { body, .. } => body,
        }
    }
}

/// A provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The provider's name for it, if it gives any.
    pub id: Option<String>,
    pub stage: Stage,
    pub error: Option<String>,
}

/// A message that may have gone, as it is looked for.
#[derive(Clone)]
pub struct Sought {
    /// The provider's name for it, if it is known.
    pub id: Option<String>,
    pub channel: Channel,
    pub to: String,
    pub since: Timestamp,
    /// Its text, if it went as one; a template's is the provider's.
    pub body: Option<String>,
    /// What is in its text in any case, such as `#42`.
    pub marker: String,
}

/// Why a provider does not have a message, or may not have it. Holds nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    #[error("the provider refused it with {status}, code {code}")]
    Api {
        status: u16,
        code: String,
        /// Trying again cannot help.
        permanent: bool,
        retry_after: Option<Duration>,
    },
    /// It did not leave.
    #[error("not sent: {0}")]
    NotSent(&'static str),
    /// It left, and no answer came.
    #[error("no answer: {0}")]
    Unknown(&'static str),
}

pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, SendError>> + Send + 'a>>;

/// Carries messages on one or several channels.
pub trait Messenger: Send + Sync {
    /// Sends once. Never tries again by itself.
    fn send<'a>(&'a self, message: &'a Outgoing) -> Doing<'a, Sent>;

    /// Looks for a message that may have gone. `None`: there is none, or it cannot be looked for.
    fn find<'a>(&'a self, sought: &'a Sought) -> Doing<'a, Option<Sent>>;
}

/// A client for configured providers, which must have answered within `answer`: no redirects, no proxies of the
/// environment.
///
pub fn client(answer: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(CONNECT.min(answer))
        .timeout(answer)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("comanda/", env!("CARGO_PKG_VERSION")))
}

/// What went wrong on the way.
fn on_the_way(error: &reqwest::Error) -> SendError {
    if error.is_connect() || error.is_builder() {
        SendError::NotSent("no connection")
    } else if error.is_timeout() {
        SendError::Unknown("time-out")
    } else {
        SendError::Unknown("the connection broke")
    }
}
