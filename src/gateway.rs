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
    /// Its text, if it went as free words; an approved text is the provider's.
    pub body: String,
    /// It may have gone as an approved text, of which only the marks are known.
    pub approved: bool,
    /// What is in its text in any case, such as the restaurant's name and `#42`.
    pub marks: Vec<String>,
    /// The provider's names for other messages with the same marks.
    pub others: Vec<String>,
    /// No other message with the same marks may have gone unnoticed.
    pub alone: bool,
}

/// What came of looking for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Sent(Sent),
    /// The provider does not have it, and would have it.
    Absent,
    /// It may be there or not: the provider cannot be asked, or what it has may be this or something else.
    Unsure,
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

    /// Looks for a message that may have gone.
    fn find<'a>(&'a self, sought: &'a Sought) -> Doing<'a, Found>;
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
