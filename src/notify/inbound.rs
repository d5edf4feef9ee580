//! What people write back: STOP, START, HELP, and anything else, which opens WhatsApp's window. The text itself is
//! not kept.

use super::{Notifier, words};
use crate::domain::order::Channel;
use crate::store::{Fault, wide};

/// As carriers want them (CTIA Messaging Principles §5.1.3), and as guests of our languages write.
const STOP: &[&str] = &[
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "baja",
    "arret",
    "arrêt",
    "stopp",
    "توقف",
    "停止",
    "退订",
];
const START: &[&str] = &["start", "unstop", "yes", "alta"];
const HELP: &[&str] = &["help", "info", "ayuda", "aide", "hilfe", "مساعدة", "帮助"];

/// What somebody means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Stop,
    Start,
    Help,
    Other,
}

fn word(body: &str) -> Word {
    let text = body.trim().trim_matches(|c: char| c.is_ascii_punctuation()).to_lowercase();
    if STOP.contains(&&*text) {
        Word::Stop
    } else if START.contains(&&*text) {
        Word::Start
    } else if HELP.contains(&&*text) {
        Word::Help
    } else {
        Word::Other
    }
}

impl Notifier {
    /// A message to our number; answers what to write back. `id` is the provider's: the same one is taken once.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn written(&self, id: &str, from: &str, body: &str) -> Result<Option<&'static str>, Fault> {
        let now = self.clock.now();
        if !wide::outbox::is_first(&self.store.db, id, now).await? {
            return Ok(None);
        }
        let (channel, number) = match from.strip_prefix("whatsapp:") {
            Some(number) => (Channel::Whatsapp, number),
            None => (Channel::Sms, from),
        };
        let word = word(body);
        let stops = match word {
            Word::Stop => Some(true),
            Word::Start => Some(false),
            Word::Help | Word::Other => None,
        };
        let hash = self.numbers.digest(number);
        wide::outbox::wrote(&self.store.db, (channel, &hash), stops, now).await?;
        if let Some(stops) = stops {
            // One word is enough for both ways to the same telephone.
            let other = if channel == Channel::Sms { Channel::Whatsapp } else { Channel::Sms };
            wide::outbox::wishes(&self.store.db, (other, &hash), stops, now).await?;
        }
        Ok(match word {
            Word::Stop => Some(words::STOPPED),
            Word::Start => Some(words::STARTED),
            Word::Help => Some(words::HELP),
            Word::Other => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_however_they_are_written() {
        for (text, meant) in [
            ("STOP", Word::Stop),
            (" stop. ", Word::Stop),
            ("Baja", Word::Stop),
            ("退订", Word::Stop),
            ("Start!", Word::Start),
            ("help", Word::Help),
            ("please do not stop", Word::Other),
            ("", Word::Other),
        ] {
            assert_eq!(word(text), meant, "{text}");
        }
    }
}
