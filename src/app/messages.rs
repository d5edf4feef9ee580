//! What carries messages, as the settings name it. Without any provider messages are kept in a mailbox for developers,
//! and the log says so at the start.

use crate::clock::Clock;
use crate::commands::Commands;
use crate::config::{Config, Privacy};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::push::Push;
use crate::gateway::smtp::{self, Smtp};
use crate::gateway::twilio::{Account, Twilio};
use crate::identity::numbers::Numbers;
use crate::notify::{Carriers, Notifier, Pace};
use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// # Errors
/// Settings of a provider that cannot be used.
pub fn notifier(config: &Config, commands: &Commands, public_url: String, tasks: &TaskTracker) -> Result<Notifier> {
    let (carriers, push_key) = carriers(config, &commands.clock)?;
    let messages = &config.messages;
    Ok(Notifier {
        store: commands.store.clone(),
        committer: commands.committer.clone(),
        clock: commands.clock.clone(),
        pace: Pace {
            every: messages.every,
            at_a_time: messages.at_a_time.get(),
            attempts: messages.attempts.get(),
            backoff: messages.backoff,
            backoff_most: messages.backoff_most,
            look_up: messages.look_up,
            give_up: messages.give_up,
            lease: messages.lease,
            silence: messages.silence,
            per_number: messages.per_number.get(),
            keep: messages.keep,
            contact: messages.contact,
        },
        carriers,
        numbers: Numbers::new(&config.keys()?.1),
        push_key,
        public_url,
        tasks: tasks.clone(),
    })
}

fn carriers(config: &Config, clock: &Clock) -> Result<(Carriers, Option<String>)> {
    let mut carriers = Carriers::default();
    let (twilio, mail, push) = (&config.twilio, &config.smtp, &config.push);
    if twilio.is_set() {
        let account = Account {
            api_url: twilio.api_url.trim_end_matches('/').to_owned(),
            sid: twilio.account_sid.clone(),
            token: twilio.auth_token.clone(),
            sms_from: twilio.sms_from.clone(),
            whatsapp_from: twilio.whatsapp_from.clone(),
            service: twilio.messaging_service.clone(),
            answer: config.messages.answer,
        };
        carriers.twilio = Some(Arc::new(Twilio::new(account).context("Twilio cannot be used")?));
        carriers.templates = twilio.templates();
    }
    if !mail.host.is_empty() {
        let server = smtp::Server {
            host: mail.host.clone(),
            port: mail.port,
            privacy: match mail.privacy {
                Privacy::Tls => smtp::Privacy::Tls,
                Privacy::StartTls => smtp::Privacy::StartTls,
                Privacy::Plain => smtp::Privacy::Plain,
            },
            user: mail.user.clone(),
            password: mail.password.clone(),
            from: mail.from.clone(),
            answer: config.messages.answer,
        };
        carriers.smtp = Some(Arc::new(Smtp::new(&server)?));
    }
    let mut key = None;
    if !push.key.expose_secret().is_empty() {
        let push = Push::new(
            push.key.expose_secret(),
            &push.contact,
            push.services.clone(),
            config.messages.answer,
            clock.clone(),
        )?;
        key = Some(push.public_key());
        carriers.push = Some(Arc::new(push));
    }
    let none = carriers.twilio.is_none() && carriers.smtp.is_none() && carriers.push.is_none();
    if none || config.messages.mailbox {
        carriers.mailbox = Some(Arc::new(Mailbox::new(clock.clone())));
        tracing::warn!("messages without a provider are not sent: see them at /dev/mailbox on this machine");
    }
    Ok((carriers, key))
}
