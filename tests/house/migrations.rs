//! Migrations only add: while a release is rolled out, the one before serves from the same tables. What takes something
//! away comes a release later, and says in `schema_floor` which release it needs at least. Reads the text of
//! `migrations`; knows of SQL only comments, texts and words.

use std::fs;
use std::path::Path;

/// Nothing was rolled out before it.
const FIRST: i64 = 1;
/// How the number is raised, once something is taken away.
const RAISES: &str = "update schema_floor set migration = ";
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
            let number = number(name).unwrap_or_else(|| panic!("{name} has no number"));
            let complaints = complaints(number, &fs::read_to_string(&path).expect("SQL"));
            assert!(complaints.is_empty(), "migrations/{kind}/{name}: {}", complaints.join("; "));
            read += 1;
        }
    }
    assert!(read >= 4, "the migrations are not where they are looked for");
}

fn number(name: &str) -> Option<i64> {
    name.split_once('_')?.0.parse().ok()
}

fn complaints(number: i64, sql: &str) -> Vec<String> {
    if number <= FIRST {
        return Vec::new();
    }
    let statements = statements(sql);
    let floor = statements.iter().find_map(|s| s.split_once(RAISES)?.1.split(' ').next()?.parse::<i64>().ok());
    let mut complaints = Vec::new();
    match floor {
        // Whoever needs what is gone here does not know this migration.
        Some(floor) if floor < number => return complaints,
        Some(floor) => complaints.push(format!("it needs migration {floor}, which is not before it")),
        None => {}
    }
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
        let found = complaints(2, sql);
        assert!(found.len() == 1 && found[0].contains(complaint), "{sql}: {found:?}");
    }

    #[track_caller]
    fn keeps(sql: &str) {
        assert_eq!(complaints(2, sql), [""; 0], "{sql}");
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
    fn who_takes_something_away_says_which_release_it_needs() {
        let raised = "alter table orders drop column note; update schema_floor set migration = 5;";
        assert_eq!(complaints(6, raised), [""; 0]);
        assert_eq!(complaints(5, raised).len(), 2);
        assert_eq!(complaints(1, "drop table orders"), [""; 0]);
        assert_eq!(number("0007_tips.sql"), Some(7));
    }
}
