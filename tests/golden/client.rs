//! What clients say. The samples are made from the types, and the server must understand them as those.

use super::casa_oliva::*;
use super::files::{Sample, folder, sample};
use comanda::domain::command::*;
use comanda::domain::ids::Cursor;
use comanda::domain::order::OrderKind;
use comanda::domain::people::Role;
use comanda::domain::seating::CallReason;
use comanda::protocol::PROTOCOL;
use comanda::protocol::client::{ClientMessage, CommandMessage, TopicName};
use serde_json::Value;

/// Stands for a token of about 400 characters.
pub const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEifQ.e30.c2lnbmF0dXJl";

fn messages() -> Vec<(&'static str, ClientMessage)> {
    let after = Some(Cursor { epoch: EPOCH, seq: 812 });
    vec![
        ("hello", ClientMessage::Hello { token: TOKEN.to_owned(), protocol: PROTOCOL }),
        ("subscribe", ClientMessage::Subscribe { topic: TopicName::Kitchen, after: None }),
        ("subscribe.after", ClientMessage::Subscribe { topic: TopicName::Kitchen, after }),
        ("subscribe.order", ClientMessage::Subscribe { topic: TopicName::Order(ORDER), after: None }),
        ("unsubscribe", ClientMessage::Unsubscribe { topic: TopicName::Kitchen }),
        ("shown", ClientMessage::Shown { topic: TopicName::Kitchen, seq: 841, stations: vec![GRILL, BAR], kind: None }),
        (
            "shown.kind",
            ClientMessage::Shown {
                topic: TopicName::Kitchen,
                seq: 841,
                stations: vec![GRILL],
                kind: Some(OrderKind::Takeaway),
            },
        ),
        ("renew", ClientMessage::Renew { token: TOKEN.to_owned() }),
    ]
}

/// One command of every name that clients may send.
pub fn commands() -> Vec<Command> {
    let (order, first) = (ORDER, line(1));
    let at_grill = || LineAtStation { order, line: first, station: Some(GRILL) };
    vec![
        Command::ConfirmOrder(OrderRef { order }),
        Command::BumpOrder(OrderAtStations { order, stations: vec![GRILL] }),
        Command::RecallOrder(Recall { order, stations: vec![GRILL], lines: vec![first], to: RecallTo::Queued }),
        Command::CompleteOrder(OrderRef { order }),
        Command::CancelOrder(CancelOrder { order, reason: Some("The grill is out of gas.".to_owned()) }),
        Command::RushOrder(RushOrder { order, rush: true }),
        Command::ConfirmAllergy(OrderRef { order }),
        Command::StartOrder(OrderRef { order }),
        Command::PauseTakeaway(PauseTakeaway { paused: true }),
        Command::StartLine(at_grill()),
        Command::FinishLine(at_grill()),
        Command::RecallLine(RecallLine { order, line: first, station: Some(GRILL), to: RecallTo::Started }),
        Command::VoidLine(VoidLine { order, line: line(2), reason: "Sold out.".to_owned() }),
        Command::HoldLine(LineRef { order, line: first }),
        Command::FireLine(LineRef { order, line: first }),
        Command::MoveLine(MoveLine { order, line: first, from: GRILL, to: BAR }),
        Command::RemakeLine(at_grill()),
        Command::ReopenOrder(OrderRef { order }),
        Command::OpenSeating(TableOnly { table: TABLE }),
        Command::ReleaseSeating(ReleaseSeating { seating: SEATING, guest: None }),
        Command::GivePin(GivePin { pin: "0417".to_owned() }),
        Command::CloseSeating(CloseSeating { seating: SEATING, force: true }),
        Command::MoveSeating(MoveSeating { seating: SEATING, table: TABLE }),
        Command::CallStaff(CallStaff { reason: CallReason::Bill }),
        Command::CallComing(CallRef { seating: SEATING, reason: CallReason::Bill }),
        Command::CallDone(CallRef { seating: SEATING, reason: CallReason::Bill }),
        Command::SetItem(SetItem { item: LEMONADE, available: true, stock: Some(11) }),
        Command::RotateCode(TableOnly { table: TABLE }),
        Command::RevokeSession(RevokeSession { session: SESSION }),
        Command::SetScreen(SetScreen { screen: SCREEN, name: "Grill right".to_owned(), stations: vec![GRILL] }),
        Command::RevokeScreen(ScreenOnly { screen: SCREEN }),
        Command::SetRole(MemberRole { user: USER, role: Role::Waiter }),
        Command::RemoveMember(MemberOnly { user: USER }),
    ]
}

/// Name and arguments as they go over the wire.
pub fn on_the_wire(command: &Command) -> (String, Value) {
    let wire = serde_json::to_value(command).expect("a command is JSON");
    (wire["name"].as_str().expect("a name").to_owned(), wire["args"].clone())
}

pub fn message(command: &Command) -> CommandMessage {
    let (name, args) = on_the_wire(command);
    let taps = ["line.start", "line.done", "order.bump"];
    let base_version = taps.contains(&name.as_str()).then_some(4);
    CommandMessage { id: COMMAND, name, args, base_version }
}

/// A field that is `null` and one that is absent are the same to the server; clients leave it out.
pub fn without_nulls(sample: Sample) -> Sample {
    let (name, bytes) = sample;
    let mut text = String::from_utf8(bytes).expect("JSON is text");
    while let Some(null) = text.find("\":null") {
        let key = text[..null].rfind('"').expect("a name has two quotes");
        let end = null + "\":null".len();
        let field = if text[..key].ends_with(',') { key - 1..end } else { key..end + 1 };
        text.replace_range(field, "");
    }
    (name, text.into_bytes())
}

pub fn samples() -> Vec<Sample> {
    let plain = messages().into_iter().map(|(name, message)| sample(&format!("client.{name}"), &message));
    let commands = commands().into_iter().map(|command| {
        let message = message(&command);
        sample(&format!("client.command.{}", message.name), &ClientMessage::Command(message))
    });
    plain.chain(commands).map(without_nulls).collect()
}

fn read(name: &str) -> ClientMessage {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_server_understands_every_message_of_a_client() {
    for (name, message) in messages() {
        assert_eq!(read(&format!("client.{name}")), message);
    }
}

#[test]
fn the_server_understands_every_command_and_there_is_a_sample_of_each() {
    let commands = commands();
    let names: Vec<String> = commands.iter().map(|command| on_the_wire(command).0).collect();
    assert_eq!(names, WIRE_NAMES);
    for command in commands {
        let ClientMessage::Command(message) = read(&format!("client.command.{}", on_the_wire(&command).0)) else {
            panic!("{command:?} is a command");
        };
        assert_eq!(Command::parse(&message.name, message.args), Ok(command));
    }
}
