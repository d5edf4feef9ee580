//! A typed "no": what goes back to whoever asked. Codes are stable; texts may change.

use super::ids::{ItemId, OptionGroupId, OptionId};
use super::order::{Order, named};
use super::takeaway::Slot;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

named! {
    /// Stable words for every refusal a command can meet (docs/PROTOCOL.md lists them).
    Code {
        /// A field is missing, malformed or out of its bounds; `fields` says which.
        Invalid = "invalid",
        /// The command name is not known.
        UnknownCommand = "unknown_command",
        UnknownOrder = "unknown_order",
        UnknownLine = "unknown_line",
        UnknownStation = "unknown_station",
        UnknownItem = "unknown_item",
        UnknownTable = "unknown_table",
        UnknownSeating = "unknown_seating",
        UnknownGuest = "unknown_guest",
        UnknownCall = "unknown_call",
        UnknownSession = "unknown_session",
        UnknownScreen = "unknown_screen",
        UnknownMember = "unknown_member",
        /// The role may not do this, or a guest touched what is not theirs.
        Forbidden = "forbidden",
        /// The command id was used for another command or by somebody else.
        IdReused = "id_reused",
        /// The line changed in a way that the tap did not know of.
        Changed = "changed",
        /// The order's state does not allow it.
        WrongState = "wrong_state",
        /// The line waits for its course.
        OnHold = "on_hold",
        /// The order waits at the gate.
        Held = "held",
        /// The order waits until it is time to start.
        Scheduled = "scheduled",
        /// The allergy must be confirmed before the line is touched.
        AllergyUnconfirmed = "allergy_unconfirmed",
        /// Lines cannot be ordered now; `lines` says which and why.
        Unavailable = "unavailable",
        /// The total is not the one the guest saw; `total` is the new one.
        TotalChanged = "total_changed",
        /// The session, seating or screen behind the token has ended.
        SeatingClosed = "seating_closed",
        SessionRevoked = "session_revoked",
        SeatingFull = "seating_full",
        OpenOrders = "open_orders",
        /// Another party sits at the table.
        TableTaken = "table_taken",
        /// The party called for the same a moment ago.
        TooSoon = "too_soon",
        WrongPin = "wrong_pin",
        PinLocked = "pin_locked",
        /// No screen shows this pairing code (any more), or it is not the one that was sent to the phone.
        WrongCode = "wrong_code",
        /// The code that was sent to the phone has had its time or its tries.
        CodeEnded = "code_ended",
        TooManyScreens = "too_many_screens",
        /// The person works here already.
        AlreadyMember = "already_member",
        /// The person works for another restaurant, too: their password is not this one's to set.
        WorksElsewhere = "works_elsewhere",
        /// The printed code is older than the table's current one.
        OldCode = "old_code",
        /// Too late to cancel; ask the staff.
        TooLate = "too_late",
        NoStation = "no_station",
        /// The time to pick it up is taken, or too early; `slots` are left.
        SlotTaken = "slot_taken",
        /// There is no takeaway, or no time left.
        TakeawayClosed = "takeaway_closed",
        /// The number is not the one that was verified.
        OtherPhone = "other_phone",
        /// The database cannot hold this command; sending it again will not help.
        Unwritable = "unwritable",
    }
}

/// Why a command was not done, and what may help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Refusal {
    pub code: Code,
    /// One sentence for a person: what is, then what to do.
    pub message: String,
    /// The order as it is now, when the sender's picture was old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub current: Option<Box<Order>>,
    /// Which fields of the request are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FieldProblem>>")]
    pub fields: Vec<FieldProblem>,
    /// Which lines cannot be ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<LineProblem>>")]
    pub lines: Vec<LineProblem>,
    /// The total as the server counts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub total: Option<i64>,
    /// With `slot_taken`: what is left, earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Slot>>")]
    pub slots: Vec<Slot>,
}

/// A wrong field, by its path in the request: `lines[2].quantity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct FieldProblem {
    pub field: String,
    pub message: String,
}

/// A line that cannot be ordered, by its place in the request (from 0).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LineProblem {
    #[ts(type = "number")]
    pub line: usize,
    pub item: ItemId,
    pub reason: LineReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub group: Option<OptionGroupId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub option: Option<OptionId>,
    /// Portions left, when the stock is what was too small.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub left: Option<i64>,
    pub message: String,
}

named! {
    /// Why a line cannot be ordered.
    LineReason {
        UnknownItem = "unknown_item",
        SoldOut = "sold_out",
        NotEnough = "not_enough",
        UnknownOption = "unknown_option",
        OptionUnavailable = "option_unavailable",
        TooFewOptions = "too_few_options",
        TooManyOptions = "too_many_options",
    }
}

impl Refusal {
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            current: None,
            fields: Vec::new(),
            lines: Vec::new(),
            total: None,
            slots: Vec::new(),
        }
    }

    /// A refusal that shows the order as it is now.
    #[must_use]
    pub fn with_current(mut self, order: &Order) -> Self {
        self.current = Some(Box::new(order.clone()));
        self
    }

    #[must_use]
    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let names = fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>().join(", ");
        Self { fields, ..Self::new(Code::Invalid, format!("Please correct: {names}.")) }
    }
}
