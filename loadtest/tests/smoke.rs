//! Every measurement runs for a moment, and finds everything once. Times are nobody's business here.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// The server's program that fits these sources, in the folder where the measurement looks for it. Whoever tests the
/// whole workspace has it.
fn build_server() {
    let program = Path::new(env!("CARGO_BIN_EXE_loadtest")).with_file_name("comanda");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let sources = ["Cargo.toml", "src", "migrations", "config"].into_iter().filter_map(|name| newest(&root.join(name)));
    if program.metadata().and_then(|file| file.modified()).ok() > sources.max() {
        return;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "comanda", "--bin", "comanda"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "the server is built");
}

/// When a file, or any in a folder, was changed last.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().and_then(|file| file.modified()).ok();
    let within = std::fs::read_dir(path).into_iter().flatten().flatten().filter_map(|entry| newest(&entry.path()));
    within.chain(own).max()
}

fn measure(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("found.json");
    let mut loadtest = Command::new(env!("CARGO_BIN_EXE_loadtest"));
    let output = loadtest.args(arguments).arg("--json").arg(&json).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(&json).expect("what it found")).expect("JSON")
}

fn databases(found: &Value) -> Vec<&str> {
    let list = found.as_array().expect("a list");
    for outcome in list {
        assert_eq!((&outcome["lost"], &outcome["doubled"]), (&0.into(), &0.into()), "{outcome:#}");
    }
    list.iter().filter_map(|outcome| outcome["database"].as_str()).collect()
}

#[test]
fn every_order_of_many_phones_reaches_its_kitchen_once() {
    build_server();
    let found = measure(&["latency", "--senders", "8", "--seconds", "1", "--restaurants", "3"]);
    assert_eq!(databases(&found["latency"]), ["sqlite", "postgres"]);
    for outcome in found["latency"].as_array().expect("a list") {
        assert!(outcome["orders"].as_u64() > Some(8), "{outcome:#}");
        assert_eq!(outcome["resyncs"], 0, "{outcome:#}");
    }
}

#[test]
fn every_order_of_both_writers_is_written_once() {
    let found = measure(&["orders", "--orders", "60", "--senders", "8", "--restaurants", "3", "--rounds", "2"]);
    assert_eq!(databases(&found["orders"]), ["sqlite", "postgres"]);
    for outcome in found["orders"].as_array().expect("a list") {
        assert_eq!(outcome["grouped"].as_array().map(Vec::len), Some(2), "{outcome:#}");
    }
}

fn first<'f>(found: &'f Value, scenario: &str) -> &'f Value {
    let first = &found[scenario][0];
    assert_eq!(&first["lost"], 0, "{first:#}");
    first
}

#[test]
fn every_idle_guest_stays() {
    build_server();
    let few = ["idle", "--restaurants", "3", "--tables", "4", "--few", "12", "--many", "60", "--seconds", "0"];
    let found = measure(&few);
    let found = first(&found, "idle");
    assert!(found["first_user_bytes"].as_f64() > Some(0.0) && found["welcome_us"].as_f64() > Some(0.0), "{found:#}");
}

#[test]
fn every_change_reaches_all_who_listen_once() {
    build_server();
    let found = measure(&["fanout", "--database", "sqlite", "--smaller", "200", "--rounds", "1"]);
    let outcomes = found["fanout"].as_array().expect("a list");
    assert_eq!(outcomes.len(), 3, "{found:#}");
    for outcome in outcomes {
        assert_eq!((&outcome["lost"], &outcome["doubled"]), (&0.into(), &0.into()), "{outcome:#}");
        assert!(outcome["deliveries"].as_u64() >= Some(50), "{outcome:#}");
    }
}

#[test]
fn everybody_who_comes_back_has_everything_once_and_from_memory() {
    build_server();
    let few = ["--restaurants", "3", "--tables", "2", "--guests", "60", "--events", "5", "--spread-ms", "50"];
    let found = measure(&[&["storm", "--database", "sqlite"], &few[..]].concat());
    let found = first(&found, "storm");
    assert_eq!((&found["doubled"], &found["feed_reads"]), (&0.into(), &0.0.into()), "{found:#}");
    assert_eq!(found["snapshot_reads"], 0.0, "{found:#}");
}

#[test]
fn every_order_of_an_evening_reaches_all_its_screens_and_phones_once() {
    build_server();
    let few = ["--restaurants", "4", "--tables", "2", "--rate", "40", "--seconds", "1"];
    let found = measure(&[&["steady", "--database", "sqlite"], &few[..]].concat());
    let found = first(&found, "steady");
    assert_eq!((&found["doubled"], &found["orders"]), (&0.into(), &40.into()), "{found:#}");
    assert_eq!(found["connections"], 32, "{found:#}");
}

#[test]
fn guests_of_many_nodes_hear_what_one_of_them_writes() {
    build_server();
    let few = ["--guests", "60", "--nodes", "2", "--restaurants", "3", "--tables", "2"];
    let found = measure(&[&["nodes"], &few[..]].concat());
    let found = first(&found, "nodes");
    assert_eq!((&found["doubled"], &found["heard"]), (&0.into(), &60.into()), "{found:#}");
}

#[test]
fn a_replayed_day_loses_nothing() {
    build_server();
    let few = ["--restaurants", "3", "--tables", "2", "--orders", "5", "--seconds", "1"];
    let found = measure(&[&["rush", "--database", "sqlite"], &few[..]].concat());
    let found = first(&found, "rush");
    assert_eq!((&found["doubled"], &found["orders"]), (&0.into(), &15.into()), "{found:#}");
}
