//! Shapes and bounds: what can be refused without knowing any state. Every wrong field is named.

use super::args::Draft;
use super::contact::{Contact, PushSubscription};
use crate::domain::ids::StationId;
use crate::domain::limits;
use crate::domain::order::Channel;
use crate::domain::order::OrderKind;
use crate::domain::refusal::{FieldProblem, Refusal};

impl Draft {
    pub(super) fn check(&self, wrong: &mut Wrong) {
        if self.lines.is_empty() {
            wrong.add("lines", "must have at least one line");
        }
        wrong.at_most("lines", self.lines.len(), limits::ORDER_LINES);
        wrong.text("note", self.note.as_deref());
        wrong.text("allergy", self.allergy.as_deref());
        for (n, line) in self.lines.iter().take(limits::ORDER_LINES).enumerate() {
            wrong.within(&format!("lines[{n}].quantity"), line.quantity, 1, limits::LINE_QUANTITY);
            wrong.at_most(&format!("lines[{n}].options"), line.options.len(), limits::LINE_OPTIONS);
            wrong.text(&format!("lines[{n}].note"), line.note.as_deref());
        }
        if let Some(contact) = &self.contact {
            contact.check(wrong);
        }
        if self.pickup_at.is_some() && self.kind != OrderKind::Takeaway {
            wrong.add("pickup_at", "is only for `takeaway`");
        }
        if self.expected_total.is_some_and(|total| total < 0) {
            wrong.add("expected_total", "must not be negative");
        }
    }
}

impl Contact {
    pub(super) fn check(&self, wrong: &mut Wrong) {
        match self.channel {
            Channel::Whatsapp | Channel::Sms if !is_e164(&self.phone) => {
                wrong.add("contact.phone", "must be an international number such as +34600111222");
            }
            Channel::Email if !self.email.as_deref().is_some_and(is_email) => {
                wrong.add("contact.email", "must be an e-mail address");
            }
            Channel::Push if !self.push.as_ref().is_some_and(PushSubscription::is_whole) => {
                wrong.add("contact.push", "must be a subscription: an https endpoint, p256dh and auth");
            }
            Channel::Whatsapp | Channel::Sms | Channel::Email | Channel::Push => {}
        }
    }
}

impl PushSubscription {
    /// Lengths of RFC 8291 §3.1, in base64url.
    fn is_whole(&self) -> bool {
        let text = |text: &str, most: usize| text.len() <= most && text.bytes().all(|b| b.is_ascii_graphic());
        self.endpoint.starts_with("https://")
            && text(&self.endpoint, limits::PUSH_ENDPOINT_BYTES)
            && (87..=88).contains(&self.p256dh.len())
            && (22..=24).contains(&self.auth.len())
            && text(&self.p256dh, 88)
            && text(&self.auth, 24)
    }
}

/// One `@` between two parts without spaces; whether it exists only a message can tell.
fn is_email(address: &str) -> bool {
    let plain = address.len() <= limits::EMAIL_BYTES
        && address.chars().all(|c| c.is_ascii_graphic() && !"<>(),;:\\\"[]".contains(c));
    plain
        && address
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

/// An international number (ITU-T E.164).
#[must_use]
pub fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
    })
}

/// Collects every wrong field, so that one answer names them all.
#[derive(Default)]
pub struct Wrong(Vec<FieldProblem>);

impl Wrong {
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.to_owned(), message: message.into() });
    }

    /// Free text: any Unicode but U+0000 (no database text may hold it), at most `NOTE_CHARS`.
    pub fn text(&mut self, field: &str, text: Option<&str>) {
        self.text_of(field, text, limits::NOTE_CHARS);
    }

    pub fn text_of(&mut self, field: &str, text: Option<&str>, chars: usize) {
        let Some(text) = text else { return };
        if text.contains('\0') {
            self.add(field, "must not contain U+0000");
        }
        if text.chars().count() > chars {
            self.add(field, format!("must have at most {chars} characters"));
        }
    }

    pub fn required_text(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(field, "must not be empty");
        }
        self.text(field, Some(text));
    }

    /// A name that people give to a person or a thing.
    pub fn name(&mut self, field: &str, name: &str) {
        if name.trim().is_empty() {
            self.add(field, "must not be empty");
        }
        self.text_of(field, Some(name), limits::NAME_CHARS);
    }

    pub(super) fn screen(&mut self, name: &str, stations: &[StationId]) {
        self.name("name", name);
        self.at_most("stations", stations.len(), limits::COMMAND_STATIONS);
    }

    pub fn within(&mut self, field: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.add(field, format!("must be between {least} and {most}"));
        }
    }

    pub fn at_most(&mut self, field: &str, count: usize, most: usize) {
        if count > most {
            self.add(field, format!("must have at most {most}, not {count}"));
        }
    }

    /// # Errors
    /// `invalid`, if anything was added.
    pub fn into_result(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::invalid(self.0)) }
    }
}
