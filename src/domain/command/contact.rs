//! Where guests want to be told of their orders, and what of that may be kept beside it.

use super::{Command, Draft};
use crate::domain::ids::OrderId;
use crate::domain::message::Locale;
use crate::domain::order::Channel;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use ts_rs::TS;
use utoipa::ToSchema;

/// Where a message may be sent. Stored apart, never in an event, never in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Contact {
    /// E.164: `+34600111222`. For `whatsapp` and `sms`.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    pub phone: String,
    pub channel: Channel,
    /// For `email`.
    #[serde(default)]
    #[ts(optional)]
    pub email: Option<String>,
    /// For `push`.
    #[serde(default)]
    #[ts(optional)]
    pub push: Option<PushSubscription>,
    /// The language of the page. Left out: the restaurant's first one.
    #[serde(default)]
    #[ts(optional)]
    pub locale: Option<Locale>,
}

/// Where a browser wants to be told (Push API §8), as its `PushSubscription` says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PushSubscription {
    pub endpoint: String,
    /// The page's public key, base64url.
    pub p256dh: String,
    /// base64url.
    pub auth: String,
}

impl std::fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PushSubscription")
    }
}

impl Contact {
    /// A telephone, in no particular language.
    #[must_use]
    pub fn phone(phone: &str, channel: Channel) -> Self {
        Self { phone: phone.to_owned(), channel, email: None, push: None, locale: None }
    }

    /// What the channel needs to reach them; empty when it was left out.
    #[must_use]
    pub fn address(&self) -> String {
        match self.channel {
            Channel::Whatsapp | Channel::Sms => self.phone.clone(),
            Channel::Email => self.email.clone().unwrap_or_default(),
            Channel::Push => self.push.as_ref().map(|push| serde_json::json!(push).to_string()).unwrap_or_default(),
        }
    }

    /// Without what names a person.
    fn without_address(&self) -> Self {
        Self { phone: String::new(), email: None, push: None, ..self.clone() }
    }
}

impl Command {
    /// The same without addresses: what may be hashed and kept. There are few enough numbers to try them all.
    #[must_use]
    pub fn without_addresses(&self) -> Cow<'_, Self> {
        match self {
            Self::PlaceOrder(draft) if draft.contact.is_some() => {
                let contact = draft.contact.as_ref().map(Contact::without_address);
                Cow::Owned(Self::PlaceOrder(Box::new(Draft { contact, ..(**draft).clone() })))
            }
            Self::TellGuest(c) => {
                let contact = c.contact.as_ref().map(Contact::without_address);
                Cow::Owned(Self::TellGuest(TellGuest { order: c.order, contact }))
            }
            _ => Cow::Borrowed(self),
        }
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({})", self.channel.name())
    }
}

/// Where the guest of an order wants to be told from here on; nothing: not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TellGuest {
    pub order: OrderId,
    #[serde(default)]
    #[ts(optional)]
    pub contact: Option<Contact>,
}
