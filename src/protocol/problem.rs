//! RFC 9457 problem documents: what every HTTP error looks like.

use super::view::OrderView;
use crate::domain::refusal::{FieldProblem, LineProblem, Refusal};
use crate::domain::takeaway::Slot;
use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;

/// `application/problem+json`. `code` is stable; `title` and `detail` are for people.
#[derive(Clone, Debug, Serialize, TS, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` says what it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: String,
    pub status: u16,
    /// A word of docs/PROTOCOL.md that will not change.
    pub code: String,
    pub detail: String,
    /// The order as it is now, as the caller may see it, when the caller's picture was old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub current: Option<OrderView>,
    /// With `invalid`: every wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldProblem>>")]
    pub fields: Vec<FieldProblem>,
    /// With `unavailable`: every line that cannot be ordered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<LineProblem>>")]
    pub lines: Vec<LineProblem>,
    /// The total as the server counts it, with `total_changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub total: Option<i64>,
    /// With `slot_taken`: the times that are left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Slot>>")]
    pub slots: Vec<Slot>,
    /// The id of the request, to be found in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request: Option<String>,
}

impl Problem {
    #[must_use]
    pub fn new(status: u16, title: &str, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: detail.into(),
            current: None,
            fields: Vec::new(),
            lines: Vec::new(),
            total: None,
            slots: Vec::new(),
            request: None,
        }
    }

    #[must_use]
    pub fn of(status: u16, title: &str, refusal: Refusal, current: Option<OrderView>) -> Self {
        let base = Self::new(status, title, refusal.code.name(), refusal.message);
        Self {
            current,
            fields: refusal.fields,
            lines: refusal.lines,
            total: refusal.total,
            slots: refusal.slots,
            ..base
        }
    }
}
