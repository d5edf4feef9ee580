//! How people are told outside of the page: the pace of messages, and the providers that carry them.

use super::{days, millis};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    #[serde(rename = "every_ms", deserialize_with = "millis")]
    pub every: Duration,
    pub at_a_time: NonZeroU32,
    #[serde(rename = "answer_ms", deserialize_with = "millis")]
    pub answer: Duration,
    #[serde(rename = "lease_ms", deserialize_with = "millis")]
    pub lease: Duration,
    pub attempts: NonZeroU32,
    #[serde(rename = "backoff_ms", deserialize_with = "millis")]
    pub backoff: Duration,
    #[serde(rename = "backoff_most_ms", deserialize_with = "millis")]
    pub backoff_most: Duration,
    #[serde(rename = "look_up_ms", deserialize_with = "millis")]
    pub look_up: Duration,
    #[serde(rename = "give_up_ms", deserialize_with = "millis")]
    pub give_up: Duration,
    #[serde(rename = "silence_ms", deserialize_with = "millis")]
    pub silence: Duration,
    pub per_number: NonZeroU32,
    #[serde(rename = "keep_days", deserialize_with = "days")]
    pub keep: Duration,
    #[serde(rename = "contact_days", deserialize_with = "days")]
    pub contact: Duration,
    pub mailbox: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    pub account_sid: String,
    pub auth_token: SecretString,
    pub api_url: String,
    pub sms_from: String,
    pub whatsapp_from: String,
    pub messaging_service: String,
    pub whatsapp_templates: Vec<String>,
}

impl Twilio {
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.account_sid.is_empty()
    }

    /// Is all there that sending needs?
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let sender = [&self.sms_from, &self.whatsapp_from, &self.messaging_service];
        !self.auth_token.expose_secret().is_empty() && sender.iter().any(|from| !from.is_empty())
    }

    /// `kind.language` → ContentSid.
    #[must_use]
    pub fn templates(&self) -> BTreeMap<String, String> {
        let pairs = self.whatsapp_templates.iter().filter_map(|text| text.split_once(':'));
        pairs.map(|(name, sid)| (name.trim().to_owned(), sid.trim().to_owned())).collect()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    #[serde(deserialize_with = "privacy")]
    pub privacy: Privacy,
    pub user: String,
    pub password: SecretString,
    pub from: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    Tls,
    StartTls,
    Plain,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    pub key: SecretString,
    pub contact: String,
    pub services: Vec<String>,
}

fn privacy<'de, D: Deserializer<'de>>(value: D) -> Result<Privacy, D::Error> {
    match String::deserialize(value)?.as_str() {
        "tls" => Ok(Privacy::Tls),
        "starttls" => Ok(Privacy::StartTls),
        "plain" => Ok(Privacy::Plain),
        other => Err(D::Error::custom(format!("`{other}` is none of starttls, tls and plain"))),
    }
}
