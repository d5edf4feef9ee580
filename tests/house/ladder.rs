//! The house rules that the compiler does not know (docs/ARCHITECTURE.md): each rung uses the rungs below it and
//! never its own or a higher one, and what belongs into one room stays there. Reads the text of `src`; knows of
//! Rust only comments, literals, words and paths. Below each rule's check is a source that breaks it.

use std::fs;
use std::path::Path;

/// From the top. `lib` only names the rooms.
const LADDER: &[&[&str]] = &[
    &["lib", "main"],
    &["app"],
    &["http", "ws"],
    &["commands", "relay", "notify"],
    &["bus"],
    &["store", "hub", "identity", "gateway", "pictures"],
    &["protocol", "config", "clock", "telemetry"],
    &["domain"],
];

/// Crates and modules that belong to rooms. Tests inside of a file may use them.
const AT_HOME: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("dashmap", &["hub"]),
    ("redis", &["bus"]),
    ("image", &["pictures"]),
    ("axum", &["http", "ws", "app"]),
    ("std::env", &["config"]),
    ("std::fs", &["config"]),
    ("tokio::fs", &["config"]),
];

/// The domain is pure: it knows no machinery, not even in its tests.
const NOT_IN_DOMAIN: &[&str] = &["tokio", "sqlx", "axum", "redis"];

/// Without the tests at its end.
const FILE_LINES: usize = 400;

#[test]
fn the_house_stands() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.len() > 10, "the sources are not where they are looked for");
    let complaints: Vec<String> = sources.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{} of the house rules are broken:\n{}", complaints.len(), complaints.join("\n"));
}

/// A file of the server.
struct Source {
    /// Below `src`, with `/`.
    path: String,
    text: String,
}

fn sources(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is text");
                let path =
                    path.strip_prefix(root).expect("it is below").to_str().expect("a plain name").replace('\\', "/");
                sources.push(Source { path, text });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// Every rule that a file breaks, with the line.
fn complaints(source: &Source) -> Vec<String> {
    let words = words(&source.text);
    let Some(rung) = rung(source.room()) else {
        return vec![format!("src/{}: the room `{}` is not on the ladder", source.path, source.room())];
    };
    let mut complaints = shape(source);
    let mut complain = |line: usize, what: String| complaints.push(format!("src/{}:{line}: {what}", source.path));
    for (room, line) in rooms_used(source, &words) {
        match self::rung(room) {
            Some(used) if room != source.room() && used <= rung => {
                let place = if used < rung { "above it" } else { "beside it" };
                complain(line, format!("`{}` uses `{room}`, which is {place} on the ladder", source.room()));
            }
            Some(_) | None => {}
        }
    }
    for (name, homes) in AT_HOME {
        for line in mentions(name, &words).into_iter().filter(|line| *line <= source.lines_of_code()) {
            if !homes.contains(&source.room()) {
                complain(line, format!("`{name}` is used in `{}`, and belongs to {}", source.room(), homes.join(", ")));
            }
        }
    }
    for name in NOT_IN_DOMAIN.iter().filter(|_| source.room() == "domain") {
        for line in mentions(name, &words) {
            complain(line, format!("`{name}` is used in the domain, which is pure"));
        }
    }
    for word in words.iter().filter(|word| word.text == "unsafe") {
        complain(word.line, "`unsafe` is used".to_owned());
    }
    complaints
}

/// What the file looks like as a whole.
fn shape(source: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    if !source.text.starts_with("//!") {
        complaints.push(format!("src/{}:1: the file does not begin with what it owns (//!)", source.path));
    }
    let lines = source.lines_of_code();
    if lines > FILE_LINES {
        complaints.push(format!("src/{}: {lines} lines without its tests, {FILE_LINES} are the most", source.path));
    }
    complaints
}

fn rung(room: &str) -> Option<usize> {
    LADDER.iter().position(|rooms| rooms.contains(&room))
}

impl Source {
    /// `hub` for `hub.rs` and everything in `hub/`.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// How many modules deep it is: `hub.rs` is one below the crate.
    fn depth(&self) -> usize {
        self.path.split('/').count()
    }

    /// Lines before the tests at the end of the file.
    fn lines_of_code(&self) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        let tests = lines.windows(2).position(|two| two[0] == "#[cfg(test)]" && two[1].starts_with("mod "));
        tests.unwrap_or(lines.len())
    }
}

/// The rooms that paths from the crate's root lead to: `crate::`, from `main` also `comanda::`, and `super::`
/// where it goes up that far.
fn rooms_used<'w>(source: &Source, words: &[Word<'w>]) -> Vec<(&'w str, usize)> {
    let mut used = Vec::new();
    for at in 0..words.len() {
        if words[at].text == "super" && at > 1 && words[at - 1].text == "::" && words[at - 2].text == "super" {
            continue;
        }
        let supers =
            words[at..].chunks(2).take_while(|two| two.len() == 2 && two[0].text == "super" && two[1].text == "::");
        let root = match words[at].text {
            "crate" => 2,
            "comanda" if source.room() == "main" => 2,
            "super" if supers.clone().count() >= source.depth() => supers.count() * 2,
            _ => continue,
        };
        if words.get(at + root - 1).is_some_and(|word| word.text == "::") {
            used.extend(first_names(&words[at + root..]).into_iter().map(|word| (word.text, word.line)));
        }
    }
    used
}

/// The names that a path may go on with: one, or those of a group, but not what is inside of them.
fn first_names<'r, 'w>(words: &'r [Word<'w>]) -> Vec<&'r Word<'w>> {
    if words.first().is_none_or(|word| word.text != "{") {
        return words.first().into_iter().collect();
    }
    let mut names = Vec::new();
    let mut depth = 0;
    let mut at_start = false;
    for word in words {
        match word.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && at_start => names.push(word),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        at_start = depth == 1 && matches!(word.text, "{" | ",");
    }
    names
}

/// The lines where a crate (`sqlx`) or a module of one (`std::fs`) is named.
fn mentions(name: &str, words: &[Word<'_>]) -> Vec<usize> {
    let (root, module) = name.split_once("::").map_or((name, None), |(root, module)| (root, Some(module)));
    let mut lines = Vec::new();
    for at in (0..words.len()).filter(|at| words[*at].text == root) {
        // `a.sqlx`, `a::sqlx` and `crate::…::sqlx` are something else; `::sqlx` is the crate.
        let before = at.checked_sub(1).map(|before| words[before].text);
        let inside = before == Some("::") && at > 1 && is_name(words[at - 2].text);
        if inside || matches!(before, Some("." | "mod" | "fn" | "let")) {
            continue;
        }
        let leads_to = |module: &str| {
            words.get(at + 1).is_some_and(|word| word.text == "::")
                && first_names(&words[at + 2..]).iter().any(|word| word.text == module)
        };
        if module.is_none_or(leads_to) {
            lines.push(words[at].line);
        }
    }
    lines
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// A name, `::`, or one other sign.
struct Word<'t> {
    text: &'t str,
    line: usize,
}

/// The words of a source, without comments and the insides of literals.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let skipped = comment(rest).or_else(|| literal(rest));
        let length = skipped.unwrap_or_else(|| word(rest, first));
        if skipped.is_none() && !first.is_whitespace() {
            words.push(Word { text: &rest[..length], line });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    words
}

fn word(rest: &str, first: char) -> usize {
    if rest.starts_with("::") {
        2
    } else if first.is_alphanumeric() || first == '_' {
        rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
    } else {
        first.len_utf8()
    }
}

/// How long the comment is that `rest` begins with. Block comments nest.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let (step, deeper) = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += deeper;
        if depth == 0 {
            return Some(at);
        }
    }
    Some(rest.len())
}

/// How long the text or character literal is that `rest` begins with, with its prefix. A lifetime is none.
fn literal(rest: &str) -> Option<usize> {
    let bare = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - bare.len();
    if prefix > 1 {
        return None;
    }
    let raw = bare.strip_prefix('r').map(|after| (after, after.len() - after.trim_start_matches('#').len()));
    if let Some((after, hashes)) = raw.filter(|(after, hashes)| after[*hashes..].starts_with('"')) {
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = hashes + 1;
        let length = after[inside..].find(&end).map_or(after.len(), |at| inside + at + end.len());
        return Some(prefix + 1 + length);
    }
    let quote = bare.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    if quote == '\'' && !is_character(bare) {
        return None;
    }
    let mut escaped = false;
    let end = bare[1..].find(|c: char| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(rest.len(), |at| prefix + 1 + at + 1))
}

/// `'a'` and `'\n'`, but not `'a`.
fn is_character(rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    match after.next() {
        Some('\\') => true,
        Some(_) => after.next() == Some('\''),
        None => false,
    }
}

mod tests {
    use super::*;

    /// The complaints about a file with these lines under a proper beginning.
    fn about(path: &str, code: &str) -> Vec<String> {
        complaints(&Source { path: path.into(), text: format!("//! Owns this.\n{code}\n") })
    }

    #[track_caller]
    fn breaks(path: &str, code: &str, complaint: &str) {
        assert_eq!(about(path, code), [format!("src/{path}:{complaint}")], "{code}");
    }

    #[track_caller]
    fn keeps(path: &str, code: &str) {
        assert_eq!(about(path, code), [""; 0], "{code}");
    }

    #[test]
    fn no_room_uses_one_above_it() {
        let above = "2: `domain` uses `store`, which is above it on the ladder";
        for code in [
            "use crate::store::Pool;",
            "fn f() -> crate::store::Pool {}",
            "use crate::{domain::{order, limits}, store};",
            "use crate::{self as all, store::{Pool}};",
            "pub(in crate::store) struct Pool;",
            "use super::super::store::Pool;",
            "use crate :: /* not a wall */ store::Pool;",
        ] {
            breaks("domain/order.rs", code, above);
        }
        breaks("domain.rs", "use super::store;", above);
        breaks("bus.rs", "\nuse crate::commands;", "3: `bus` uses `commands`, which is above it on the ladder");
        breaks("http/orders.rs", "use crate::app::App;", "2: `http` uses `app`, which is above it on the ladder");
        breaks("app.rs", "use crate::main;", "2: `app` uses `main`, which is above it on the ladder");
    }

    #[test]
    fn rooms_on_one_rung_do_not_know_each_other() {
        breaks("store/reads.rs", "use crate::hub::Room;", "2: `store` uses `hub`, which is beside it on the ladder");
        breaks(
            "telemetry.rs",
            "use crate::config::Log;",
            "2: `telemetry` uses `config`, which is beside it on the ladder",
        );
        breaks("ws.rs", "use crate::http;", "2: `ws` uses `http`, which is beside it on the ladder");
    }

    #[test]
    fn rooms_use_what_is_below_and_themselves() {
        keeps(
            "store/reads.rs",
            "use crate::domain::ids; use crate::store::db; use crate::protocol::view; use super::hub;",
        );
        keeps("app.rs", "use crate::{http, ws, commands, config::Config};");
        keeps("main.rs", "use comanda::app; use comanda::{config, telemetry};");
        keeps("ws/session.rs", "use super::super::hub::Mailbox; use crate::hub;");
        keeps("domain/order.rs", "use crate::domain::{order::store, ids::{hub, http}};");
        keeps("lib.rs", "pub mod app; pub mod store;");
    }

    #[test]
    fn every_room_is_on_the_ladder() {
        assert_eq!(about("attic/old.rs", ""), ["src/attic/old.rs: the room `attic` is not on the ladder"]);
    }

    #[test]
    fn crates_stay_in_their_rooms() {
        for code in
            ["use sqlx::PgPool;", "type T = ::sqlx::PgPool;", "#[derive(sqlx::FromRow)]", "#[sqlx(transparent)]"]
        {
            breaks("commands.rs", code, "2: `sqlx` is used in `commands`, and belongs to store");
            keeps("store/rows.rs", code);
        }
        breaks("relay.rs", "use dashmap::DashMap;", "2: `dashmap` is used in `relay`, and belongs to hub");
        breaks("hub.rs", "use axum::body;", "2: `axum` is used in `hub`, and belongs to http, ws, app");
        for path in ["http/orders.rs", "ws.rs", "app.rs", "app/doors.rs"] {
            keeps(path, "use axum::Router;");
        }
        keeps("commands.rs", "fn f(x: X) { x.sqlx(); crate::domain::sqlx(); } use axum_server::Handle;");
    }

    #[test]
    fn files_and_environment_have_one_reader() {
        for code in ["use std::fs;", "use std::fs::File;", "use std::{io, fs::File};", "let x = std::fs::read(p);"] {
            breaks("app.rs", code, "2: `std::fs` is used in `app`, and belongs to config");
            keeps("config/keys.rs", code);
        }
        breaks("main.rs", "let x = std::env::var(n);", "2: `std::env` is used in `main`, and belongs to config");
        breaks("store.rs", "use tokio::{fs, time};", "2: `tokio::fs` is used in `store`, and belongs to config");
        keeps("store.rs", "use std::{io::{self, fs}, time}; let x = env!(\"X\"); use crate::domain::std::fs;");
    }

    #[test]
    fn the_domain_is_pure() {
        breaks("domain/order.rs", "use tokio::time;", "2: `tokio` is used in the domain, which is pure");
        let redis = about("domain.rs", "use redis::Client;");
        assert!(
            redis.contains(&"src/domain.rs:2: `redis` is used in the domain, which is pure".to_owned()),
            "{redis:?}"
        );
        let sqlx = about("domain/ids.rs", "#[derive(sqlx::Type)]");
        assert!(
            sqlx.contains(&"src/domain/ids.rs:2: `sqlx` is used in the domain, which is pure".to_owned()),
            "{sqlx:?}"
        );
        keeps("bus.rs", "use tokio::time; use redis::Client;");
    }

    #[test]
    fn nothing_is_unsafe() {
        breaks("hub/frame.rs", "unsafe { f() }", "2: `unsafe` is used");
        keeps("lib.rs", "#![forbid(unsafe_code)]");
    }

    #[test]
    fn a_file_says_first_what_it_owns() {
        let bare = Source { path: "bus.rs".into(), text: "use crate::domain;\n".into() };
        assert_eq!(complaints(&bare), ["src/bus.rs:1: the file does not begin with what it owns (//!)"]);
    }

    #[test]
    fn a_file_ends_before_it_is_too_long_and_its_tests_do_not_count() {
        keeps("bus.rs", &"fn f() {}\n".repeat(FILE_LINES - 2));
        assert_eq!(
            about("bus.rs", &"fn f() {}\n".repeat(FILE_LINES)),
            ["src/bus.rs: 402 lines without its tests, 400 are the most"],
        );
        keeps("bus.rs", &format!("#[cfg(test)]\nmod tests {{\nuse std::fs;\n{}}}", "fn f() {}\n".repeat(FILE_LINES)));
        let above = about("bus.rs", "#[cfg(test)]\nmod tests {\nuse crate::http;\n}");
        assert_eq!(above, ["src/bus.rs:4: `bus` uses `http`, which is above it on the ladder"]);
    }

    #[test]
    fn comments_and_literals_are_no_code() {
        for code in [
            "// use crate::http;",
            "/// As [`crate::http`] does.",
            "/* one /* use crate::http; */ unsafe */",
            "let x = \"use crate::http; \\\" unsafe\";",
            "let x = r#\"use crate::http; \" unsafe\"#;",
            "let x = b\"unsafe\"; let y = br\"unsafe\\\"; let z = c\"unsafe\";",
            "let (x, y) = ('\"', '\\''); fn f<'a>(x: &'a str) {} // \" unsafe",
            "let x = '\\u{22}'; let y = b'\"'; let r#x = \"unsafe\";",
        ] {
            keeps("bus.rs", code);
        }
        breaks("bus.rs", "let (a, b) = ('\"', \"\"); unsafe {}", "2: `unsafe` is used");
        breaks("bus.rs", "fn f<'a>(x: &'a str) { unsafe {} } // '", "2: `unsafe` is used");
        breaks("bus.rs", "let x = \"\n\\\"\n\"; unsafe {}", "4: `unsafe` is used");
    }
}
