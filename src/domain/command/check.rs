//! Shapes and bounds: what can be refused without knowing any state. Every wrong field is named.

use super::args::Draft;
use crate::domain::ids::StationId;
use crate::domain::limits;
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
        if let Some(contact) = &self.contact
            && !is_e164(&contact.phone)
        {
            wrong.add("contact.phone", "must be an international number such as +34600111222");
        }
        if self.expected_total.is_some_and(|total| total < 0) {
            wrong.add("expected_total", "must not be negative");
        }
    }
}

fn is_e164(phone: &str) -> bool {
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
