//! What carries a message, and what it is given: the channel's messenger, the words or the approved text, and where the
//! provider tells what became of it.

use super::{Notifier, words};
use crate::domain::order::Channel;
use crate::gateway::mailbox::Mailbox;
use crate::gateway::twilio::Twilio;
use crate::gateway::{Content, Messenger, SendError, Sent, Sought};
use crate::store::Fault;
use crate::store::outbox::{Message, Siblings};
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
    /// The channel that a message goes over next: once, and only one that somebody carries, that has words for it and
    /// that the restaurant uses.
    pub(super) async fn next(&self, message: &Message) -> Result<Option<Channel>, Fault> {
        let can = |next: &Channel| self.carrier(*next).is_some() && self.has_words(*next, message);
        let next = message.channel.fallback().filter(can);
        let Some(next) = next.filter(|_| message.instead_of.is_none()) else { return Ok(None) };
        let menu = self.store.menu(message.restaurant).await?;
        Ok(menu.is_some_and(|menu| menu.restaurant.settings.messages.channels.takes(next)).then_some(next))
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
        if free || self.goes_freely(message.channel) {
            return Some(Content::Text { subject, body });
        }
        let sid = self.approved(message)?.clone();
        Some(Content::Template { sid, gaps: words::gaps(message.kind, &message.vars), body })
    }

    /// Whether or not its number wrote to us of late.
    fn has_words(&self, channel: Channel, message: &Message) -> bool {
        self.goes_freely(channel) || self.approved(message).is_some()
    }

    /// WhatsApp takes what a business wants to say only as an approved text; the mailbox takes everything.
    fn goes_freely(&self, channel: Channel) -> bool {
        let by_mailbox = || self.carriers.twilio.as_ref().is_none_or(|twilio| !twilio.carries(Channel::Whatsapp));
        channel != Channel::Whatsapp || by_mailbox()
    }

    /// In the guest's language, or in English.
    fn approved(&self, message: &Message) -> Option<&String> {
        let named = |locale: &str| self.carriers.templates.get(&format!("{}.{locale}", message.kind.name()));
        named(message.locale.name()).or_else(|| named("en"))
    }

    /// Whether it went as free words is not remembered: both are looked for.
    pub(super) fn sought(message: &Message, to: String, siblings: Siblings) -> Sought {
        Sought {
            id: message.provider_id.clone(),
            channel: message.channel,
            to,
            since: message.began_at.unwrap_or(message.created_at),
            body: words::of(message.kind, message.locale, &message.vars).1,
            approved: message.channel == Channel::Whatsapp,
            marks: words::marks(message.kind, &message.vars),
            others: siblings.provider_ids,
            alone: siblings.unresolved == 0,
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
