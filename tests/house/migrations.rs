//! Migrations only add: while a release is rolled out, the one before serves from the same tables. What takes something
//! away comes a release later, and its name says which migration a release must know to live with it, as in
//! `0009_needs_0005_no_more_notes.sql`. Reads the text of `migrations`; knows of SQL only comments, texts and words.

use std::fs;
use std::path::Path;

/// The newest migration of the first release: nothing was rolled out before it.
const FIRST: i64 = 2;
/// What a release that does not know of it would stumble over.
const TAKES_AWAY: &[&str] = &[
    "drop ",
    "rename ",
    "truncate ",
    "delete from ",
    "revoke ",
    "alter column ",
    "alter type ",
    "alter domain ",
    "add constraint ",
    "add check ",
    "add unique ",
    "add primary key ",
    "add foreign key ",
    "create trigger ",
    "create rule ",
    "create or replace ",
];

#[test]
fn migrations_only_add() {
    let mut read = 0;
    for kind in ["sqlite", "postgres"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        for entry in fs::read_dir(folder).expect("the migrations") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
            let complaints = complaints(name, &fs::read_to_string(&path).expect("SQL"));
            assert!(complaints.is_empty(), "migrations/{kind}/{name}: {}", complaints.join("; "));
            read += 1;
        }
    }
    assert!(read >= 2, "the migrations are not where they are looked for");
}

/// The migration's own number, and that of the one which a release must know to live with it.
fn numbers(name: &str) -> Option<(i64, Option<i64>)> {
    let (own, rest) = name.split_once('_')?;
    let needed = rest.strip_prefix("needs_").map(|rest| rest.split('_').next().unwrap_or_default().parse());
    Some((own.parse().ok()?, needed.transpose().ok()?))
}

fn complaints(name: &str, sql: &str) -> Vec<String> {
    let Some((number, needed)) = numbers(name) else { return vec!["its name has no number".to_owned()] };
    if number <= FIRST {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    match needed {
        // A release that uses what is gone here refuses to start (`store/schema.rs`).
        Some(needed) if needed < number => return complaints,
        Some(needed) => complaints.push(format!("it needs migration {needed}, which is not before it")),
        None => {}
    }
    let statements = statements(sql);
    let new: Vec<&str> = statements.iter().filter_map(|s| made(s)).collect();
    for statement in &statements {
        let found = TAKES_AWAY.iter().find(|words| format!(" {statement} ").contains(&format!(" {words}")));
        if let Some(words) = found {
            complaints.push(format!("`{}` takes something away: {statement}", words.trim()));
        }
        if statement.contains(" add column ") && statement.contains(" not null") && !statement.contains(" default ") {
            complaints.push(format!("the release before does not fill this column: {statement}"));
        }
        let narrows = statement.starts_with("create unique index ")
            && !new.iter().any(|table| statement.contains(&format!(" on {table} ")));
        if narrows {
            complaints.push(format!("the release before may write what this forbids: {statement}"));
        }
    }
    complaints
}

/// The table that a statement makes.
fn made(statement: &str) -> Option<&str> {
    statement.strip_prefix("create table ")?.split(' ').next()
}

/// In small letters, one space between words and around brackets, without comments and the insides of texts.
fn statements(sql: &str) -> Vec<String> {
    let uncommented: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let pieces: Vec<String> = uncommented
        .join(" ")
        .split('\'')
        .enumerate()
        .map(|(n, piece)| if n % 2 == 0 { piece.to_lowercase() } else { "''".to_owned() })
        .collect();
    let spaced = pieces.concat().replace('(', " ( ").replace(')', " ) ");
    let one_spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    spaced.split(';').map(one_spaced).filter(|statement| !statement.is_empty()).collect()
}

mod tests {
    use super::*;

    #[track_caller]
    fn breaks(sql: &str, complaint: &str) {
        let found = complaints("0003_more.sql", sql);
        assert!(found.len() == 1 && found[0].contains(complaint), "{sql}: {found:?}");
    }

    #[track_caller]
    fn keeps(sql: &str) {
        assert_eq!(complaints("0003_more.sql", sql), [""; 0], "{sql}");
    }

    #[test]
    fn what_the_release_before_needs_is_not_taken_away() {
        breaks("DROP TABLE orders;", "`drop` takes");
        breaks("alter table orders\n  drop column note;", "`drop` takes");
        breaks("alter table orders rename column note to remark;", "`rename` takes");
        breaks("alter table orders alter column note set not null;", "`alter column` takes");
        breaks("alter table orders add constraint short check (length(note) < 9);", "`add constraint` takes");
        breaks("delete from events where at < 9;", "`delete from` takes");
        breaks("revoke select on orders from comanda_wide;", "`revoke` takes");
        breaks("create table a (n bigint); truncate events;", "`truncate` takes");
    }

    #[test]
    fn what_the_release_before_writes_is_still_taken() {
        breaks("alter table orders add column tip bigint not null;", "does not fill");
        breaks("create unique index orders_note on orders (note);", "forbids");
        keeps("alter table orders add column tip bigint not null default 0; alter table orders add column tip bigint;");
        keeps("create index orders_note on orders (note);");
        keeps("create table devices (id uuid primary key); create unique index devices_id on devices(id);");
    }

    #[test]
    fn comments_and_texts_take_nothing_away() {
        keeps("-- drop table orders;\ncreate table a (n bigint); insert into a values ('drop table a; it''s');");
    }

    #[test]
    fn who_takes_something_away_says_what_a_release_must_know() {
        let less = "alter table orders drop column note;";
        assert_eq!(complaints("0006_needs_0005_no_more_notes.sql", less), [""; 0]);
        assert_eq!(complaints("0006_no_more_notes.sql", less).len(), 1);
        assert_eq!(complaints("0006_needs_0006_no_more_notes.sql", less).len(), 2);
        assert_eq!(complaints("0006_needs_more_notes.sql", ""), ["its name has no number"]);
        assert_eq!(complaints("0002_first.sql", less), [""; 0]);
    }
}
