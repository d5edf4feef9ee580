//! The examples in docs/PROTOCOL.md are the samples: a block that begins with ```json NAME shows
//! tests/golden/NAME.json, with line breaks for the eye. UPDATE_GOLDEN writes them anew, too.

#![allow(clippy::disallowed_methods, reason = "tests read their own environment")]

use super::files::all;
use std::collections::BTreeMap;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/PROTOCOL.md");
const WIDTH: usize = 112;
const BLOCK: &str = "```json ";

/// The document with every named block showing its sample.
fn with_samples(document: &str, samples: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in document.lines() {
        inside &= line != "```";
        if !inside {
            text.push_str(line);
            text.push('\n');
        }
        if let Some(name) = line.strip_prefix(BLOCK) {
            let sample = samples.get(name).unwrap_or_else(|| panic!("the document shows {name}, which is no sample"));
            text.push_str(&pretty(&String::from_utf8_lossy(sample), 0));
            text.push('\n');
            inside = true;
        }
    }
    text
}

/// Compact JSON, on one line if it fits, else as many fields on each line as fit. Keeps their order.
fn pretty(json: &str, indent: usize) -> String {
    let flat = spaced(json);
    let parts = parts(json);
    if flat.chars().count() + indent <= WIDTH || parts.is_empty() {
        return flat;
    }
    let mut lines: Vec<String> = Vec::new();
    for (n, part) in parts.iter().enumerate() {
        let comma = if n + 1 < parts.len() { "," } else { "" };
        let (name, value) = named(part);
        let part = format!("{}{}{comma}", spaced(name), pretty(value, indent + 2));
        match lines.last_mut() {
            Some(line) if ![&*line, &part].iter().any(|text| text.contains('\n')) && fits(line, &part, indent) => {
                line.push(' ');
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    let (open, close) = json.split_at(1);
    let close = &close[close.len() - 1..];
    let pad = " ".repeat(indent);
    let lines = lines.iter().map(|line| format!("{pad}  {line}\n")).collect::<String>();
    format!("{open}\n{lines}{pad}{close}")
}

fn fits(line: &str, more: &str, indent: usize) -> bool {
    indent + 2 + line.chars().count() + 1 + more.chars().count() <= WIDTH
}

/// Where commas and colons are that belong to no text, and how deep inside of `json` they are.
fn signs(json: &str) -> Vec<(usize, char, usize)> {
    let (mut signs, mut depth, mut in_text, mut escaped) = (Vec::new(), 0, false, false);
    for (at, sign) in json.char_indices() {
        match sign {
            '"' if !escaped => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => depth -= 1,
            ',' | ':' if !in_text => signs.push((at, sign, depth)),
            _ => {}
        }
        escaped = sign == '\\' && !escaped;
    }
    signs
}

/// The fields of an object, or the values of a list.
fn parts(json: &str) -> Vec<&str> {
    if !json.starts_with(['{', '[']) || json.len() == 2 {
        return Vec::new();
    }
    let commas = signs(json).into_iter().filter(|(_, sign, depth)| (*sign, *depth) == (',', 1)).map(|(at, ..)| at);
    let ends: Vec<usize> = commas.chain([json.len() - 1]).collect();
    let begins = [0].into_iter().chain(ends.iter().copied());
    begins.zip(&ends).map(|(begin, end)| &json[begin + 1..*end]).collect()
}

/// A field's name with its colon, and its value; a value of a list has no name.
fn named(part: &str) -> (&str, &str) {
    let colon = signs(part).into_iter().find(|(_, sign, depth)| (*sign, *depth) == (':', 0));
    part.split_at(colon.map_or(0, |(at, ..)| at + 1))
}

fn spaced(json: &str) -> String {
    let mut text = String::new();
    let mut from = 0;
    for (at, ..) in signs(json) {
        text.push_str(&json[from..=at]);
        text.push(' ');
        from = at + 1;
    }
    text + &json[from..]
}

#[test]
fn the_documents_examples_are_what_is_said() {
    let document = std::fs::read_to_string(PATH).expect("docs/PROTOCOL.md");
    let shown = document.lines().filter(|line| line.starts_with(BLOCK)).count();
    assert!(shown > 20, "the document shows what is said");
    let expected = with_samples(&document, &all());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PATH, expected).expect("docs/PROTOCOL.md is written");
        return;
    }
    let differing = document.lines().zip(expected.lines()).position(|(was, now)| was != now);
    assert_eq!(differing.map(|line| line + 1), None, "docs/PROTOCOL.md; run it with UPDATE_GOLDEN=1 if that is meant");
    assert_eq!(document.lines().count(), expected.lines().count());
}
