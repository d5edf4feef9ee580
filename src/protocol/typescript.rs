//! Writes the wire types as TypeScript, so that the web app cannot drift from the server.
//! `comanda wire-types` prints them; a test compares them with `kds-web/src/wire/types.ts`.

use super::{client, close, problem, rest, server, snapshot, view};
use crate::domain::{command, event, ids, menu, money, order, people, refusal, restaurant, seating};
use ts_rs::{Config, TS};

/// The whole of `kds-web/src/wire/types.ts`.
#[must_use]
pub fn wire_types() -> String {
    let cfg = Config::default().with_large_int("number");
    let mut out = String::from("// Made from the Rust types by `comanda wire-types`. Do not edit.\n\n");
    macro_rules! export {
        ($($ty:ty),* $(,)?) => {$( out.push_str("export "); out.push_str(&<$ty as TS>::decl(&cfg)); out.push_str("\n\n"); )*};
    }
    export!(
        ids::RestaurantId, ids::Epoch, ids::CommandId, ids::OrderId, ids::LineId, ids::StationId, ids::CategoryId,
        ids::ItemId, ids::OptionGroupId, ids::OptionId, ids::TableId, ids::SeatingId, ids::GuestId, ids::UserId,
        ids::SessionId, ids::Cursor, crate::domain::time::Timestamp, menu::Localized, menu::Presence, menu::Menu,
        menu::Category, menu::Item, menu::OptionGroup, menu::MenuOption, menu::ItemState, money::Charges, money::Totals,
        restaurant::Restaurant, restaurant::Settings, restaurant::GateRule, restaurant::Station, restaurant::TableRef,
        restaurant::Table, people::Role, people::By, order::OrderKind, order::OrderState, order::TaskState,
        order::LineState, order::Channel, order::Order, order::Line, order::ChosenOption, order::Task, order::Seen,
        order::Unseen, seating::Seating, seating::Guest, event::Kind, refusal::Code, refusal::FieldProblem,
        refusal::LineProblem, refusal::LineReason, command::Command, command::Draft, command::DraftLine,
        command::Contact, command::OrderRef, command::OrderAtStations, command::Recall, command::RecallTo,
        command::CancelOrder, command::RushOrder, command::LineAtStation, command::RecallLine, command::VoidLine,
        command::JoinSeating, command::TableOnly, command::ReleaseSeating, command::GivePin, command::CloseSeating,
        command::SetItem, command::RevokeSession, command::MarkShown, command::RaiseAlarm, client::ClientMessage,
        client::CommandMessage, client::TopicName, view::GuestOrder, view::GuestLine, view::OrderView,
        server::ServerMessage, server::Who, server::Subscribed, server::EventMessage, server::EventBody,
        server::Refused, server::Head, snapshot::Snapshot, snapshot::KitchenSnapshot, snapshot::FloorSnapshot,
        snapshot::TableSnapshot, snapshot::OrderSnapshot, close::CloseReason, problem::Problem, rest::ScanRequest,
        rest::Scanned, rest::LoginRequest, rest::LoggedIn, rest::GuestOrderAnswer, rest::StaffOrderAnswer,
        rest::OrderList, rest::BatchAnswer, rest::FeedAnswer, rest::Health,
    );
    let closes = close::Close::ALL.iter().map(|c| format!("  {}: {},\n", c.word(), c.code())).collect::<String>();
    out.push_str(&format!("/** Close codes by their word. */\nexport const CLOSE = {{\n{closes}}} as const;\n\n"));
    out.push_str(&format!("export const PROTOCOL = {};\n", super::PROTOCOL));
    out
}
