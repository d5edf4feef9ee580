//! Commands: wishes to change something, with a meaning ("line done"), never field writes.
//! Each is checked for its shape here; whether it may happen is `decide`'s business.

mod args;
mod check;
mod contact;

pub use args::*;
pub use check::{Wrong, is_e164};
pub use contact::{Contact, PushSubscription, TellGuest};

use super::ids::{CommandId, OrderId};
use super::limits;
use super::message::Messages;
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
    /// The kitchen begins with a scheduled order: a cook does not wait for its time, or that has come.
    #[serde(rename = "order.start")]
    StartOrder(OrderRef),
    #[serde(rename = "takeaway.pause")]
    PauseTakeaway(PauseTakeaway),
    #[serde(rename = "line.start")]
    StartLine(LineAtStation),
    #[serde(rename = "line.done")]
    FinishLine(LineAtStation),
    #[serde(rename = "line.recall")]
    RecallLine(RecallLine),
    #[serde(rename = "line.void")]
    VoidLine(VoidLine),
    /// A later course: nobody begins it before it is fired.
    #[serde(rename = "line.hold")]
    HoldLine(LineRef),
    #[serde(rename = "line.fire")]
    FireLine(LineRef),
    /// Another station cooks it.
    #[serde(rename = "line.move")]
    MoveLine(MoveLine),
    /// Once more, from the beginning.
    #[serde(rename = "line.remake")]
    RemakeLine(LineAtStation),
    /// It was not handed over after all.
    #[serde(rename = "order.reopen")]
    ReopenOrder(OrderRef),
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
    /// The party sits at another table now, with its orders.
    #[serde(rename = "seating.move")]
    MoveSeating(MoveSeating),
    /// A guest wants something of the staff.
    #[serde(rename = "seating.call")]
    CallStaff(CallStaff),
    /// Staff are on their way.
    #[serde(rename = "call.coming")]
    CallComing(CallRef),
    /// The call was seen to.
    #[serde(rename = "call.done")]
    CallDone(CallRef),
    #[serde(rename = "item.set")]
    SetItem(SetItem),
    /// Makes every printed code of the table invalid.
    #[serde(rename = "table.rotate_code")]
    RotateCode(TableOnly),
    /// Ends a login everywhere within a second.
    #[serde(rename = "session.revoke")]
    RevokeSession(RevokeSession),
    /// A manager confirms the code that a screen shows: a new screen, or a known one again. From `POST /api/screens`.
    #[serde(rename = "screen.pair")]
    PairScreen(PairScreen),
    /// A new name, other stations.
    #[serde(rename = "screen.set")]
    SetScreen(SetScreen),
    /// Sends a screen away until it is paired again.
    #[serde(rename = "screen.revoke")]
    RevokeScreen(ScreenOnly),
    /// From `POST /api/staff`.
    #[serde(rename = "staff.add")]
    AddMember(MemberRole),
    /// Another role; ends the person's logins.
    #[serde(rename = "staff.set_role")]
    SetRole(MemberRole),
    /// The person works here no longer; ends their logins.
    #[serde(rename = "staff.remove")]
    RemoveMember(MemberOnly),
    /// From `POST /api/staff/{user}/password`: ends the person's logins.
    #[serde(rename = "staff.end_logins")]
    EndLogins(MemberOnly),
    /// From `shown` on the socket: a screen has drawn tickets up to here.
    #[serde(rename = "orders.shown")]
    MarkShown(MarkShown),
    /// From the alarm clock: no screen has shown this order.
    #[serde(rename = "order.alarm")]
    RaiseAlarm(RaiseAlarm),
    /// From the idle clock: nobody was heard of this party for long.
    #[serde(rename = "seating.expire")]
    ExpireSeating(ExpireSeating),
    /// From `PUT` and `DELETE /api/items/{id}/picture`.
    #[serde(rename = "item.set_picture")]
    SetPicture(SetPicture),
    /// From `PUT /api/settings/messages`.
    #[serde(rename = "messages.set")]
    SetMessages(Messages),
    /// From `PUT` and `DELETE /api/orders/{id}/contact`.
    #[serde(rename = "order.tell")]
    TellGuest(TellGuest),
    /// From the messages' worker: how far one got.
    #[serde(rename = "order.note_told")]
    NoteTold(NoteTold),
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
            Self::ConfirmOrder(c) | Self::CompleteOrder(c) | Self::ReopenOrder(c) | Self::ConfirmAllergy(c) => {
                Some(c.order)
            }
            Self::StartOrder(c) => Some(c.order),
            Self::BumpOrder(c) => Some(c.order),
            Self::RecallOrder(c) => Some(c.order),
            Self::CancelOrder(c) => Some(c.order),
            Self::RushOrder(c) => Some(c.order),
            Self::StartLine(c) | Self::FinishLine(c) | Self::RemakeLine(c) => Some(c.order),
            Self::HoldLine(c) | Self::FireLine(c) => Some(c.order),
            Self::MoveLine(c) => Some(c.order),
            Self::RecallLine(c) => Some(c.order),
            Self::VoidLine(c) => Some(c.order),
            Self::TellGuest(c) => Some(c.order),
            Self::NoteTold(c) => Some(c.order),
            Self::PlaceOrder(_)
            | Self::PauseTakeaway(_)
            | Self::JoinSeating(_)
            | Self::OpenSeating(_)
            | Self::ReleaseSeating(_)
            | Self::GivePin(_)
            | Self::CloseSeating(_)
            | Self::MoveSeating(_)
            | Self::CallStaff(_)
            | Self::CallComing(_)
            | Self::CallDone(_)
            | Self::SetItem(_)
            | Self::RotateCode(_)
            | Self::RevokeSession(_)
            | Self::PairScreen(_)
            | Self::SetScreen(_)
            | Self::RevokeScreen(_)
            | Self::AddMember(_)
            | Self::SetRole(_)
            | Self::RemoveMember(_)
            | Self::EndLogins(_)
            | Self::MarkShown(_)
            | Self::RaiseAlarm(_)
            | Self::ExpireSeating(_)
            | Self::SetPicture(_)
            | Self::SetMessages(_) => None,
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
            Self::TellGuest(c) => c.contact.iter().for_each(|contact| contact.check(&mut wrong)),
            Self::VoidLine(c) => wrong.required_text("reason", &c.reason),
            Self::BumpOrder(c) => wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS),
            Self::RecallOrder(c) => {
                wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS);
                wrong.at_most("lines", c.lines.len(), limits::ORDER_LINES);
            }
            Self::MarkShown(c) => wrong.at_most("stations", c.stations.len(), limits::COMMAND_STATIONS),
            Self::SetItem(c) => wrong.within("stock", c.stock.unwrap_or(0), 0, limits::STOCK),
            Self::PairScreen(c) => wrong.screen(&c.name, &c.stations),
            Self::SetScreen(c) => wrong.screen(&c.name, &c.stations),
            Self::GivePin(c) => wrong.at_most("pin", c.pin.chars().count(), 12),
            Self::ConfirmOrder(_)
            | Self::CompleteOrder(_)
            | Self::StartOrder(_)
            | Self::PauseTakeaway(_)
            | Self::RushOrder(_)
            | Self::ConfirmAllergy(_)
            | Self::StartLine(_)
            | Self::FinishLine(_)
            | Self::RecallLine(_)
            | Self::HoldLine(_)
            | Self::FireLine(_)
            | Self::MoveLine(_)
            | Self::RemakeLine(_)
            | Self::ReopenOrder(_)
            | Self::JoinSeating(_)
            | Self::OpenSeating(_)
            | Self::ReleaseSeating(_)
            | Self::CloseSeating(_)
            | Self::MoveSeating(_)
            | Self::CallStaff(_)
            | Self::CallComing(_)
            | Self::CallDone(_)
            | Self::RotateCode(_)
            | Self::RevokeSession(_)
            | Self::RevokeScreen(_)
            | Self::AddMember(_)
            | Self::SetRole(_)
            | Self::RemoveMember(_)
            | Self::EndLogins(_)
            | Self::RaiseAlarm(_)
            | Self::ExpireSeating(_)
            | Self::SetPicture(_)
            | Self::SetMessages(_)
            | Self::NoteTold(_) => {}
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
    "order.start",
    "takeaway.pause",
    "line.start",
    "line.done",
    "line.recall",
    "line.void",
    "line.hold",
    "line.fire",
    "line.move",
    "line.remake",
    "order.reopen",
    "seating.open",
    "seating.release",
    "seating.pin",
    "seating.close",
    "seating.move",
    "seating.call",
    "call.coming",
    "call.done",
    "item.set",
    "table.rotate_code",
    "session.revoke",
    "screen.set",
    "screen.revoke",
    "staff.set_role",
    "staff.remove",
];

fn shortened(name: &str) -> String {
    name.chars().take(40).collect()
}
