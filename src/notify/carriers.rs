//! What carries a message, and what it is given: the channel's messenger, the words or the approved text, and where the
//! provider tells what became of it.

use super::{Notifier, words};
use crate::domain::order::Channel;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::twilio::Twilio;
use crate::gateway::{Content, Messenger, SendError, Sent, Sought};
use crate::store::outbox::Message;
use crate::telemetry;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What carries messages.
#[derive(Default)]
pub struct Carriers {
    pub twilio: Option<Arc<Twilio>>,
    pub smtp: Option<Arc<dyn Messenger>>,
    pub push: Option<Arc<dyn Messenger>>,
    /// Takes whatever has no carrier.
    pub mailbox: Option<Arc<Mailbox>>,
    /// Approved texts for WhatsApp: `ready.en` → its ContentSid.
    pub templates: BTreeMap<String, String>,
}

impl Notifier {
    /// The channel that a message goes over next: once, and only one that somebody carries.
    pub(super) fn next(&self, message: &Message) -> Option<Channel> {
        let next = message.channel.fallback()?;
        (message.instead_of.is_none() && self.carrier(next).is_some()).then_some(next)
    }

    /// On which channels guests can be told.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        let push = |channel: &Channel| *channel != Channel::Push || self.push_key.is_some();
        Channel::ALL.iter().copied().filter(|c| self.carrier(*c).is_some()).filter(push).collect()
    }

    pub(super) fn carrier(&self, channel: Channel) -> Option<&dyn Messenger> {
        let carriers = &self.carriers;
        let own: Option<&dyn Messenger> = match channel {
            Channel::Sms | Channel::Whatsapp => {
                carriers.twilio.as_ref().filter(|twilio| twilio.carries(channel)).map(|twilio| &**twilio as _)
            }
            Channel::Email => carriers.smtp.as_deref(),
            Channel::Push => carriers.push.as_deref(),
        };
        own.or_else(|| carriers.mailbox.as_ref().map(|mailbox| &**mailbox as _))
    }

    /// Free words, or on WhatsApp outside of its window an approved text, if there is one.
    pub(super) fn content(&self, message: &Message, free: bool) -> Option<Content> {
        let (subject, body) = words::of(message.kind, message.locale, &message.vars);
        let by_mailbox = self.carriers.twilio.as_ref().is_none_or(|twilio| !twilio.carries(Channel::Whatsapp));
        if message.channel != Channel::Whatsapp || free || by_mailbox {
            return Some(Content::Text { subject, body });
        }
        let named = |locale: &str| self.carriers.templates.get(&format!("{}.{locale}", message.kind.name()));
        let sid = named(message.locale.name()).or_else(|| named("en"))?.clone();
        Some(Content::Template { sid, gaps: words::gaps(message.kind, &message.vars), body })
    }

    pub(super) fn sought(&self, message: &Message, to: String) -> Sought {
        // Whether it went as free words is not remembered; what is in both is looked for.
        Sought {
            id: message.provider_id.clone(),
            channel: message.channel,
            to,
            since: message.began_at.unwrap_or(message.created_at),
            body: (message.channel == Channel::Sms).then(|| words::of(message.kind, message.locale, &message.vars).1),
            marker: words::marker(&message.vars),
        }
    }

    pub(super) fn callback(&self, message: &Message) -> Option<String> {
        matches!(message.channel, Channel::Sms | Channel::Whatsapp)
            .then(|| format!("{}/hooks/twilio/status/{}/{}", self.public_url, message.restaurant, message.id))
    }

    pub(super) fn count(&self, message: &Message, outcome: &Result<Sent, SendError>) {
        let word = match outcome {
            Ok(_) => "sent",
            Err(SendError::Api { permanent: true, .. }) => "refused",
            Err(SendError::Api { .. } | SendError::NotSent(_)) => "again",
            Err(SendError::Unknown(_)) => "unknown",
        };
        let channel = message.channel.name();
        metrics::counter!(telemetry::MESSAGES, "channel" => channel, telemetry::LABEL_OUTCOME => word).increment(1);
    }
}
