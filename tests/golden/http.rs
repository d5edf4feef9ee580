//! What is said over HTTP: bodies of requests and answers, and problem documents.

use super::casa_oliva::*;
use super::client::{TOKEN, commands, message, without_nulls};
use super::files::{Sample, folder, sample};
use super::server::refusals;
use comanda::domain::command::{Command, Draft};
use comanda::domain::ids::Cursor;
use comanda::domain::people::Role;
use comanda::domain::refusal::{Code, Refusal};
use comanda::domain::takeaway::Slot;
use comanda::domain::topic::Audience;
use comanda::protocol::client::{CommandMessage, TopicName};
use comanda::protocol::problem::Problem;
use comanda::protocol::rest::*;
use comanda::protocol::server::{Refused, Subscribed};
use comanda::protocol::view::{GuestOrder, OrderView};
use serde_json::json;
use serde_json::value::RawValue;

pub fn samples() -> Vec<Sample> {
    let mut samples = orders();
    samples.extend(people());
    samples.extend(places());
    samples.extend(batch());
    samples.extend(problems());
    samples.push(sample("http.menu", &menu()));
    samples.push(sample("http.health", &Health { status: "ok", notes: Vec::new(), version: "0.1.0" }));
    let notes = vec!["The database does not answer.".to_owned()];
    samples.push(sample("http.ready.degraded", &Health { status: "degraded", notes, version: "0.1.0" }));
    samples
}

fn slots() -> Vec<Slot> {
    vec![Slot { at: later(3600) }, Slot { at: later(4500) }]
}

fn offered() -> SlotList {
    let full = vec![Slot { at: later(2700) }];
    SlotList { on: true, soonest: Some(later(1200)), slots: slots(), full, opens_at: None, paused_until: None }
}

fn orders() -> Vec<Sample> {
    let guest = || GuestOrder::from(&order());
    let list = OrderList::Staff { orders: vec![order()], next: Some(AT.to_string()) };
    let last = OrderList::Staff { orders: vec![order()], next: None };
    vec![
        without_nulls(sample("http.order.request", &draft())),
        sample(
            "http.order.takeaway",
            &GuestOrderAnswer { order: GuestOrder::from(&scheduled()), seq: 841, seen_at: None },
        ),
        sample("http.slots", &offered()),
        sample(
            "http.slots.closed",
            &SlotList { soonest: None, opens_at: Some(later(3600)), paused_until: Some(later(3000)), ..offered() },
        ),
        sample(
            "http.codes.request",
            &json!({ "phone": "+34600111222", "channel": "sms", "locale": "es", "consent": true }),
        ),
        sample("http.codes.asked", &CodeAsked { id: GUEST, expires_at: later(300), again_ms: 30_000 }),
        sample("http.codes.given", &json!({ "code": "123456" })),
        sample(
            "http.takeaway.answer",
            &TakeawayGuest {
                token: TOKEN.to_owned(),
                expires_at: later(900),
                restaurant: RESTAURANT,
                slug: SLUG.to_owned(),
                guest: GUEST,
            },
        ),
        sample("http.order.guest", &GuestOrderAnswer { order: guest(), seq: 841, seen_at: None }),
        sample("http.order.staff", &StaffOrderAnswer { order: order(), seq: 841, seen_at: Some(later(2)) }),
        sample("http.orders.guest", &OrderList::Guest { orders: vec![guest()] }),
        sample("http.orders.staff", &list),
        sample("http.orders.staff.last", &last),
    ]
}

fn people() -> Vec<Sample> {
    let qr = "ARUBmMDeAABwAIAAAAAADgABAZjA3gAAcACAAAAAAHoAAwGIz7kPjp-2T8R4".to_owned();
    let scanned = Scanned {
        token: TOKEN.to_owned(),
        expires_at: later(12 * 3600),
        restaurant: RESTAURANT,
        slug: SLUG.to_owned(),
        table: table().reference(),
        guest: GUEST,
        seating: seating(),
    };
    let logged_in = LoggedIn {
        token: TOKEN.to_owned(),
        expires_at: later(900),
        session: SESSION,
        restaurant: RESTAURANT,
        slug: SLUG.to_owned(),
        role: Role::Kitchen,
        name: "Mateo".to_owned(),
        screen: None,
    };
    let paired = LoggedInScreen { id: SCREEN, stations: vec![GRILL] };
    let let_in = LoggedIn { name: "Grill left".to_owned(), screen: Some(paired), ..logged_in.clone() };
    vec![
        sample("http.seatings.request", &ScanRequest { qr }),
        sample("http.seatings.answer", &scanned),
        sample("http.login.request", &json!({ "email": "mateo@casa-oliva.example", "password": "comanda-demo" })),
        sample("http.login.answer", &logged_in),
        sample("http.collect.answer", &let_in),
    ]
}

/// Screens that come in, and who works here.
fn places() -> Vec<Sample> {
    let claim = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let asked =
        PairingAsked { code: "K7MP9QXR".to_owned(), claim: claim.clone(), expires_at: later(300), poll_ms: 2000 };
    let confirm = json!({ "code": "k7mp-9qxr", "name": "Grill left", "stations": [GRILL] });
    let mateo = || StaffMember {
        user: USER,
        name: "Mateo".to_owned(),
        email: "mateo@casa-oliva.example".to_owned(),
        role: Role::Kitchen,
    };
    let new =
        json!({ "email": "mateo@casa-oliva.example", "name": "Mateo", "role": "kitchen", "password": "comanda-demo" });
    vec![
        sample("http.pair.request", &PairRequest { restaurant: SLUG.to_owned() }),
        sample("http.pair.answer", &asked),
        sample("http.collect.request", &json!({ "restaurant": SLUG, "claim": claim })),
        sample("http.collect.waits", &PairingWaits { expires_at: later(300), poll_ms: 2000 }),
        sample("http.screens.request", &confirm),
        sample("http.screens.answer", &super::casa_oliva::screen()),
        sample(
            "http.screens.list",
            &ScreenList { screens: vec![ListedScreen { screen: super::casa_oliva::screen(), online: true }] },
        ),
        sample("http.staff.request", &new),
        sample("http.staff.answer", &mateo()),
        sample("http.staff.list", &StaffList { staff: vec![mateo()] }),
        sample("http.password.request", &json!({ "password": "comanda-demo" })),
    ]
}

fn batch() -> Vec<Sample> {
    let two: Vec<CommandMessage> = commands().iter().filter(|c| is_tap(c)).map(message).collect();
    let (_, changed, _) = refusals().into_iter().find(|(name, ..)| *name == "wrong_pin").expect("it is there");
    let answers = vec![
        BatchAnswer::Ok { id: COMMAND, seq: 842 },
        BatchAnswer::Refused(Refused::new(COMMAND, changed, Audience::Guest)),
        BatchAnswer::NotTried { id: COMMAND },
    ];
    let event = super::files::raw("server.event.line.done.kitchen");
    let replay = Subscribed {
        topic: TopicName::Kitchen,
        epoch: EPOCH,
        seq: 840,
        head: 841,
        snapshot: None,
        part: None,
        parts: None,
    };
    let events = vec![RawValue::from_string(event).expect("an event is JSON")];
    let feed = FeedAnswer { subscribed: vec![replay], events, cursor: Cursor { epoch: EPOCH, seq: 841 } };
    vec![
        without_nulls(sample("http.commands.request", &two)),
        sample("http.commands.answer", &answers),
        sample("http.feed.answer", &feed),
    ]
}

fn is_tap(command: &Command) -> bool {
    matches!(command, Command::StartLine(_) | Command::FinishLine(_))
}

/// A refusal of every shape as a problem document, and the ones that are no refusal.
fn problems() -> Vec<Sample> {
    let mut samples: Vec<Sample> = refusals()
        .into_iter()
        .filter(|(_, refusal, _)| refusal.code != Code::UnknownCommand)
        .map(|(name, refusal, audience)| sample(&format!("problem.{name}"), &problem(refusal, audience)))
        .collect();
    let closed = "This table was closed. Scan the code on the table to begin again.";
    let unavailable = "Not now: the database did not answer in time. Send the same request again, with the same \
                       Idempotency-Key.";
    let plain = [
        ("seating_closed", 410, "Gone", closed),
        ("expired", 401, "Unauthorized", "The token has expired. Get a new one."),
        ("limited", 429, "Too Many Requests", "Too many requests. Try again in 6 s."),
        ("503", 503, "Service Unavailable", unavailable),
    ];
    samples.extend(plain.map(|(name, status, title, detail)| {
        let code = if name == "503" { "unavailable" } else { name };
        sample(&format!("problem.{name}"), &written(Problem::new(status, title, code, detail)))
    }));
    samples
}

fn problem(refusal: Refusal, audience: Audience) -> Problem {
    let (status, title) = match refusal.code {
        Code::Invalid => (422, "Unprocessable Entity"),
        Code::WrongPin => (403, "Forbidden"),
        _ => (409, "Conflict"),
    };
    let mut refusal = refusal;
    let current = refusal.current.take().map(|order| match audience {
        Audience::Staff => OrderView::Staff(order),
        Audience::Guest => OrderView::Guest(Box::new(GuestOrder::from(&*order))),
    });
    written(Problem::of(status, title, refusal, current))
}

/// As it leaves the server: with the id of its request.
fn written(problem: Problem) -> Problem {
    Problem { request: Some(EPOCH.0.simple().to_string()), ..problem }
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.json"))).expect(name)
}

#[test]
fn the_server_understands_every_body_of_a_request() {
    assert_eq!(serde_json::from_str::<Draft>(&read("http.order.request")).unwrap(), draft());
    let login: LoginRequest = serde_json::from_str(&read("http.login.request")).unwrap();
    assert_eq!((login.email.as_str(), login.restaurant), ("mateo@casa-oliva.example", None));
    serde_json::from_str::<ScanRequest>(&read("http.seatings.request")).unwrap();
    serde_json::from_str::<PairRequest>(&read("http.pair.request")).unwrap();
    serde_json::from_str::<CollectRequest>(&read("http.collect.request")).unwrap();
    let confirm: ConfirmRequest = serde_json::from_str(&read("http.screens.request")).unwrap();
    assert_eq!((confirm.stations, confirm.screen), (vec![GRILL], None));
    let new: NewMember = serde_json::from_str(&read("http.staff.request")).unwrap();
    assert_eq!(new.role, Role::Kitchen);
    serde_json::from_str::<NewPassword>(&read("http.password.request")).unwrap();
    let commands: Vec<CommandMessage> = serde_json::from_str(&read("http.commands.request")).unwrap();
    for command in commands {
        Command::parse(&command.name, command.args).unwrap();
    }
}
