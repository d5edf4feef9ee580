//! Autobahn's suite of RFC 6455 against the very code that serves: the handshake and the link, with a door that says
//! back what it hears. `.ci/autobahn` runs it; docs/AUTOBAHN.md has what came out, and why some cases end otherwise.

use super::raw::{CLOSE, Raw, TEXT};
use crate::harness::run;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use comanda::hub::frame::Frame;
use comanda::protocol::close::Close;
use comanda::ws::handshake::{checked, switching};
use comanda::ws::link::{Heard, Link};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// The suite sends messages of up to 16 MiB; all else is as in production.
const MESSAGE_BYTES: usize = 32 << 20;
const STALL: Duration = Duration::from_secs(10);
/// The whole suite, on a debug build and a busy machine.
const PATIENCE: Duration = Duration::from_secs(1500);
/// How to call the suite; set by `.ci/autobahn`.
const WSTEST: &str = "COMANDA_WSTEST";
/// Where its report goes, to look at.
const REPORTS: &str = "COMANDA_WSTEST_REPORTS";

/// Compression is not offered (W1.1).
const EXCLUDED: [&str; 2] = ["12.*", "13.*"];
/// Cases with binary messages: there are none in the protocol (W1.8), they end with 4505.
const BINARY: &[&str] = &["1.2.", "9.2.", "9.4.", "9.6.", "9.8."];

async fn echo() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().route("/", get(upgrade)).route("/ws/{slug}", get(upgrade));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serve") });
    address
}

async fn upgrade(mut request: Request) -> Response {
    let key = match checked(&[], request.method(), request.headers()) {
        Ok(key) => key,
        Err(refusal) => return *refusal,
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let upgraded = upgraded.await.expect("upgraded");
        say_back(Link::new(upgraded, MESSAGE_BYTES, STALL)).await;
    });
    switching(&key)
}

async fn say_back(mut link: Link) {
    loop {
        match link.hear().await {
            Heard::Text(text) => {
                if link.write(&[Frame::text(text.as_bytes())]).await.is_err() {
                    return;
                }
            }
            Heard::Alive => {}
            Heard::Gone => return link.part().await,
            Heard::Broken(why) => return link.close(why, 0).await,
        }
    }
}

#[test]
fn the_door_of_the_suite_says_back_what_it_hears() {
    run(async {
        let base = format!("http://{}", echo().await);
        let mut raw = Raw::upgraded(&base, "any", None).await;
        raw.frame(TEXT, "señor".as_bytes()).await;
        assert_eq!(raw.next().await, Some((TEXT, "señor".as_bytes().to_vec())));
        raw.frame(CLOSE, &1000u16.to_be_bytes()).await;
        assert_eq!(raw.next().await, Some((CLOSE, 1000u16.to_be_bytes().to_vec())));
    });
}

#[test]
#[ignore = "needs Autobahn's suite and ten minutes: .ci/autobahn"]
fn the_public_suite_finds_nothing_that_is_not_meant() {
    let wstest = std::env::var(WSTEST).unwrap_or_else(|_| panic!("{WSTEST} must say how to call wstest"));
    run(async {
        let address = echo().await;
        let own = tempfile::tempdir().expect("a temporary folder");
        let reports = std::env::var_os(REPORTS).map_or_else(|| own.path().join("reports"), Into::into);
        let spec = own.path().join("spec.json");
        let servers = json!([{ "agent": "comanda", "url": format!("ws://{address}") }]);
        let text = json!({
            "outdir": reports, "servers": servers, "cases": ["*"], "exclude-cases": EXCLUDED, "exclude-agent-cases": {},
        });
        std::fs::write(&spec, text.to_string()).expect("the suite's settings");
        let mut suite = tokio::process::Command::new("sh");
        suite.args(["-c", &format!("exec {wstest} -m fuzzingclient -s \"$0\"")]).arg(&spec).kill_on_drop(true);
        let ended = tokio::time::timeout(PATIENCE, suite.stdout(Stdio::null()).status()).await;
        assert!(ended.expect("the suite ends in time").expect("the suite runs").success());
        judge(&reports.join("index.json"));
    });
}

/// Prints the outcome by groups, and fails for every case that ended otherwise than it is meant to.
fn judge(index: &Path) {
    let text = std::fs::read_to_string(index).expect("the suite's report");
    let index: Value = serde_json::from_str(&text).expect("JSON");
    let cases: BTreeMap<Vec<u32>, &Value> = index["comanda"].as_object().expect("cases").iter().map(numbered).collect();
    let mut groups: BTreeMap<u32, BTreeMap<String, u32>> = BTreeMap::new();
    let mut wrong = BTreeSet::new();
    for (number, case) in &cases {
        let name = number.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
        let word = |field: &str| case[field].as_str().unwrap_or("?").to_owned();
        let (behavior, close, code) = (word("behavior"), word("behaviorClose"), case["remoteCloseCode"].as_u64());
        let is_binary = BINARY.iter().any(|group| name.starts_with(group));
        let is_good = ["OK", "NON-STRICT", "INFORMATIONAL"].contains(&behavior.as_str())
            && ["OK", "INFORMATIONAL"].contains(&close.as_str());
        let outcome = match code {
            Some(code) if is_binary && code == u64::from(Close::Malformed.code()) => "4505".to_owned(),
            _ if is_good && !is_binary => behavior,
            _ => {
                wrong.insert(format!("{name}: {behavior}, {close}, {code:?}"));
                behavior
            }
        };
        *groups.entry(number[0]).or_default().entry(outcome).or_default() += 1;
    }
    for (group, outcomes) in &groups {
        println!("{group}: {outcomes:?}");
    }
    assert!(cases.len() > 290, "only {} cases were run", cases.len());
    assert!(wrong.is_empty(), "{} cases ended otherwise than they are meant to: {wrong:#?}", wrong.len());
}

fn numbered<'a>((name, case): (&String, &'a Value)) -> (Vec<u32>, &'a Value) {
    (name.split('.').map(|part| part.parse().expect("a number")).collect(), case)
}
