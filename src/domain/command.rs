//! Commands: wishes to change something, with a meaning ("line done"), never field writes.
//! Each is checked for its shape here; whether it may happen is `decide`'s business.

use super::ids::{
    CommandId, GuestId, ItemId, LineId, OptionId, OrderId, SeatingId, Seq, SessionId, StationId, TableId,
};
use super::limits;
use super::order::{Channel, OrderKind};
use super::people::Actor;
use super::refusal::{Code, FieldProblem, Refusal};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Everything that can be wished for, as `name` and `args` of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "name", content = "args")]
pub enum Command {
    #[serde(rename = "order.place")]
    PlaceOrder(Box<Draft>),
    #[serde(rename = "order.confirm")]
    ConfirmOrder(OrderRef),
    /// All tasks of the named stations (of all stations when none is named) are done.
    #[serde(rename = "order.bump")]
    BumpOrder(OrderAtStations),
    /// Brings the ticket back: its done tasks are started again.
    #[serde(rename = "order.recall")]
    RecallOrder(Recall),
    /// Served or handed over.
    #[serde(rename = "order.complete")]
    CompleteOrder(OrderRef),
    #[serde(rename = "order.cancel")]
    CancelOrder(CancelOrder),
    #[serde(rename = "order.rush")]
    RushOrder(RushOrder),
    /// The kitchen has seen the allergy.
    #[serde(rename = "order.confirm_allergy")]
    ConfirmAllergy(OrderRef),
    #[serde(rename = "line.start")]
    StartLine(LineAtStation),
    #[serde(rename = "line.done")]
    FinishLine(LineAtStation),
    #[serde(rename = "line.recall")]
    RecallLine(RecallLine),
    #[serde(rename = "line.void")]
    VoidLine(VoidLine),
    /// A scan: opens the table's seating or joins it.
    #[serde(rename = "seating.join")]
    JoinSeating(JoinSeating),
    /// Staff open a seating for a party.
    #[serde(rename = "seating.open")]
    OpenSeating(TableOnly),
    /// The gate opens, for the seating or for one phone; held orders go to the kitchen.
    #[serde(rename = "seating.release")]
    ReleaseSeating(ReleaseSeating),
    /// A guest gives the PIN that the staff told the party.
    #[serde(rename = "seating.pin")]
    GivePin(GivePin),
    #[serde(rename = "seating.close")]
    CloseSeating(CloseSeating),
    #[serde(rename = "item.set")]
    SetItem(SetItem),
    /// Makes every printed code of the table invalid.
    #[serde(rename = "table.rotate_code")]
    RotateCode(TableOnly),
    /// Ends a login everywhere within a second.
    #[serde(rename = "session.revoke")]
    RevokeSession(RevokeSession),
    /// From `shown` on the socket: a screen has drawn tickets up to here.
    #[serde(rename = "orders.shown")]
    MarkShown(MarkShown),
    /// From the alarm clock: no screen has shown this order.
    #[serde(rename = "order.alarm")]
    RaiseAlarm(RaiseAlarm),
}

/// What a guest sends: `POST /api/orders`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Draft {
    pub kind: OrderKind,
    pub lines: Vec<DraftLine>,
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub allergy: Option<String>,
    #[serde(default)]
    #[ts(optional)]
    pub contact: Option<Contact>,
    /// The total that the guest saw; another one is refused as `total_changed`.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub expected_total: Option<i64>,
    /// Staff name the table; a guest's comes from the token.
    #[serde(default)]
    #[ts(optional)]
    pub table: Option<TableId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct DraftLine {
    pub item: ItemId,
    #[ts(type = "number")]
    pub quantity: i64,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<OptionId>>")]
    pub options: Vec<OptionId>,
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

/// Where a message may be sent. Stored apart, never in an event, never in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Contact {
    /// E.164: `+34600111222`.
    pub phone: String,
    pub channel: Channel,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({})", self.channel.name())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OrderRef {
    pub order: OrderId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct OrderAtStations {
    pub order: OrderId,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Recall {
    pub order: OrderId,
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<StationId>>")]
    pub stations: Vec<StationId>,
    /// Only these lines; all when none is named. An undo names what the bump had changed.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<LineId>>")]
    pub lines: Vec<LineId>,
    #[serde(default)]
    #[ts(optional, as = "Option<RecallTo>")]
    pub to: RecallTo,
}

/// What a recalled task becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecallTo {
    #[default]
    Started,
    /// As if never begun: the undo of a slip.
    Queued,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CancelOrder {
    pub order: OrderId,
    /// Staff must give one; guests need not.
    #[serde(default)]
    #[ts(optional)]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RushOrder {
    pub order: OrderId,
    pub rush: bool,
}

/// A line, at one station or at all that cook it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LineAtStation {
    pub order: OrderId,
    pub line: LineId,
    #[serde(default)]
    #[ts(optional)]
    pub station: Option<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RecallLine {
    pub order: OrderId,
    pub line: LineId,
    #[serde(default)]
    #[ts(optional)]
    pub station: Option<StationId>,
    #[serde(default)]
    #[ts(optional, as = "Option<RecallTo>")]
    pub to: RecallTo,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct VoidLine {
    pub order: OrderId,
    pub line: LineId,
    pub reason: String,
}

/// Made by the server from a scanned code; not accepted from the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct JoinSeating {
    pub table: TableId,
    #[ts(type = "number")]
    pub code_version: i64,
    /// The phone that scanned before, if its token was still good.
    #[serde(default)]
    #[ts(optional)]
    pub returning: Option<GuestId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct TableOnly {
    pub table: TableId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ReleaseSeating {
    pub seating: SeatingId,
    /// Only this phone.
    #[serde(default)]
    #[ts(optional)]
    pub guest: Option<GuestId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct GivePin {
    pub pin: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct CloseSeating {
    pub seating: SeatingId,
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub force: bool,
}

/// Takes an item off or on, and may start a countdown of its stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetItem {
    pub item: ItemId,
    pub available: bool,
    /// Portions left; `null` or absent stops counting.
    #[serde(default)]
    #[ts(optional, type = "number | null")]
    pub stock: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RevokeSession {
    pub session: SessionId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MarkShown {
    #[ts(type = "number")]
    pub seq: Seq,
    pub stations: Vec<StationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RaiseAlarm {
    pub order: OrderId,
    #[ts(type = "number")]
    pub nth: i64,
}

/// A command with everything that its decision needs to know of its sender.
#[derive(Clone, Debug)]
pub struct Request {
    pub id: CommandId,
    pub actor: Actor,
    pub command: Command,
    /// The version of the subject that the sender saw.
    pub base_version: Option<i64>,
}

impl Command {
    /// Parses `name` and `args` of the wire. Commands that only the server makes are unknown here.
    ///
    /// # Errors
    /// `unknown_command`, `invalid`.
    pub fn parse(name: &str, args: serde_json::Value) -> Result<Self, Refusal> {
        if !WIRE_NAMES.contains(&name) {
            return Err(Refusal::new(
                Code::UnknownCommand,
                format!("There is no command `{}`. docs/PROTOCOL.md lists them.", shortened(name)),
            ));
        }
        let tagged = serde_json::json!({ "name": name, "args": args });
        let command: Self = serde_json::from_value(tagged)
            .map_err(|e| Refusal::invalid(vec![FieldProblem { field: "args".to_owned(), message: e.to_string() }]))?;
        command.check()?;
        Ok(command)
    }

    /// The order that the command is about, for commands that `decide` decides.
    #[must_use]
    pub fn order(&self) -> Option<OrderId> {
        match self {
            Self::ConfirmOrder(c) | Self::CompleteOrder(c) | Self::ConfirmAllergy(c) => Some(c.order),
            Self::BumpOrder(c) => Some(c.order),
            Self::RecallOrder(c) => Some(c.order),
            Self::CancelOrder(c) => Some(c.order),
            Self::RushOrder(c) => Some(c.order),
            Self::StartLine(c) | Self::FinishLine(c) => Some(c.order),
            Self::RecallLine(c) => Some(c.order),
            Self::VoidLine(c) => Some(c.order),
            Self::PlaceOrder(_)
            | Self::JoinSeating(_)
            | Self::OpenSeating(_)
            | Self::ReleaseSeating(_)
            | Self::GivePin(_)
            | Self::CloseSeating(_)
            | Self::SetItem(_)
            | Self::RotateCode(_)
            | Self::RevokeSession(_)
            | Self::MarkShown(_)
            | Self::RaiseAlarm(_) => None,
        }
    }

    /// Checks shapes and bounds: what can be refused without knowing any state.
    ///
    /// # Errors
    /// `invalid`, with every wrong field.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut wrong = Wrong::default();
        match self {
            Self::PlaceOrder(draft) => draft.check(&mut wrong),
            Self::CancelOrder(c) => wrong.text("reason", c.reason.as_deref()),
            Self::VoidLine(c) => wrong.required_text("reason", &c.reason),
            Self::BumpOrder(c) => wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS),
            Self::RecallOrder(c) => {
                wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS);
                wrong.at_most("lines", c.lines.len(), limits::ORDER_LINES);
            }
            Self::MarkShown(c) => wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS),
            Self::SetItem(c) => wrong.within("stock", c.stock.unwrap_or(0), 0, limits::STOCK),
            Self::GivePin(c) => wrong.at_most("pin", c.pin.chars().count(), 12),
            Self::ConfirmOrder(_)
            | Self::CompleteOrder(_)
            | Self::RushOrder(_)
            | Self::ConfirmAllergy(_)
            | Self::StartLine(_)
            | Self::FinishLine(_)
            | Self::RecallLine(_)
            | Self::JoinSeating(_)
            | Self::OpenSeating(_)
            | Self::ReleaseSeating(_)
            | Self::CloseSeating(_)
            | Self::RotateCode(_)
            | Self::RevokeSession(_)
            | Self::RaiseAlarm(_) => {}
        }
        wrong.into_result()
    }
}

/// The names that a client may send.
pub const WIRE_NAMES: &[&str] = &[
    "order.confirm",
    "order.bump",
    "order.recall",
    "order.complete",
    "order.cancel",
    "order.rush",
    "order.confirm_allergy",
    "line.start",
    "line.done",
    "line.recall",
    "line.void",
    "seating.open",
    "seating.release",
    "seating.pin",
    "seating.close",
    "item.set",
    "table.rotate_code",
    "session.revoke",
];

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}

impl Draft {
    fn check(&self, wrong: &mut Wrong) {
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

    fn required_text(&mut self, field: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(field, "must not be empty");
        }
        self.text(field, Some(text));
    }

    fn within(&mut self, field: &str, value: i64, least: i64, most: i64) {
        if !(least..=most).contains(&value) {
            self.add(field, format!("must be between {least} and {most}"));
        }
    }

    fn at_most(&mut self, field: &str, count: usize, most: usize) {
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
