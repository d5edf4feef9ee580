//! The samples as files: compared, or written anew when that was asked for.

#![allow(clippy::disallowed_methods, reason = "tests read their own environment")]

use super::{client, http, server};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A sample: its file's name without `.json`, and what is said, byte for byte.
pub type Sample = (String, Vec<u8>);

pub fn sample<T: serde::Serialize>(name: &str, value: &T) -> Sample {
    (name.to_owned(), serde_json::to_vec(value).expect("it is JSON"))
}

pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
}

/// Every sample there is.
pub fn all() -> BTreeMap<String, Vec<u8>> {
    let samples = [client::samples(), server::samples(), http::samples()].concat();
    let count = samples.len();
    let samples: BTreeMap<String, Vec<u8>> = samples.into_iter().collect();
    assert_eq!(samples.len(), count, "two samples have one name");
    samples
}

/// The text of one of the socket's samples, to be put into another one.
pub fn raw(name: &str) -> String {
    let found = server::samples().into_iter().find(|(of, _)| of == name);
    let (_, bytes) = found.unwrap_or_else(|| panic!("there is no sample {name}"));
    String::from_utf8(bytes).expect("JSON is text")
}

/// Files end with a line break, which is not part of the message.
fn committed() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("tests/golden") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = fs::read(&path).expect("a sample");
            files.insert(name, text.strip_suffix(b"\n").unwrap_or(&text).to_vec());
        }
    }
    files
}

fn update(samples: &BTreeMap<String, Vec<u8>>) {
    for stale in committed().keys().filter(|name| !samples.contains_key(*name)) {
        fs::remove_file(folder().join(format!("{stale}.json"))).expect("a stale sample goes");
    }
    for (name, bytes) in samples {
        fs::write(folder().join(format!("{name}.json")), [bytes, b"\n".as_slice()].concat()).expect("a sample is kept");
    }
}

#[test]
fn what_is_said_is_what_was_said() {
    let samples = all();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        update(&samples);
    }
    let committed = committed();
    let names = |these: &BTreeMap<String, Vec<u8>>| these.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&committed), names(&samples), "run it with UPDATE_GOLDEN=1 if that is meant");
    for (name, now) in &samples {
        let (now, was) = (String::from_utf8_lossy(now), String::from_utf8_lossy(&committed[name]));
        assert_eq!(now, was, "tests/golden/{name}.json; run it with UPDATE_GOLDEN=1 if that is meant");
    }
}
