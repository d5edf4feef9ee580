//! The two migration folders make the same database: tables, columns, keys and indexes.

use super::node::Node;
use super::raw::Raw;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;

/// Each is `[SQLite, Postgres]`; a line per thing, in words that both can say.
const COLUMNS: [&str; 2] = [
    "select m.name || '.' || p.cid || ' ' || p.name || ' ' || lower(p.type) || iif(p.\"notnull\", ' not null', '') \
     from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' and m.name not like '\\_%' escape '\\'",
    "select c.table_name || '.' || (c.ordinal_position - 1) || ' ' || c.column_name || ' ' || case c.data_type \
     when 'bigint' then 'integer' when 'boolean' then 'integer' when 'uuid' then 'blob' when 'bytea' then 'blob' \
     else c.data_type end || case c.is_nullable when 'NO' then ' not null' else '' end \
     from information_schema.columns c where c.table_schema = 'public' and c.table_name not like '\\_%'",
];

const PRIMARY_KEYS: [&str; 2] = [
    "select t || ' (' || group_concat(c, ',') || ')' from (select m.name as t, p.name as c from sqlite_master m \
     join pragma_table_info(m.name) p where m.type = 'table' and p.pk > 0 and m.name not like '\\_%' escape '\\' \
     order by m.name, p.pk) group by t",
    "select i.indrelid::regclass || ' (' || string_agg(a.attname, ',' order by k.n) || ')' from pg_index i \
     join pg_class r on r.oid = i.indrelid and r.relnamespace = 'public'::regnamespace and r.relname not like '\\_%' \
     cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n) \
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where i.indisprimary group by i.indrelid",
];

const FOREIGN_KEYS: [&str; 2] = [
    "select t || ' (' || group_concat(c, ',') || ') ' || o || ' (' || group_concat(d, ',') || ')' from \
     (select m.name as t, f.id as id, f.\"from\" as c, f.\"table\" as o, f.\"to\" as d from sqlite_master m \
     join pragma_foreign_key_list(m.name) f where m.type = 'table' order by m.name, f.id, f.seq) group by t, id",
    "select f.conrelid::regclass || ' (' || string_agg(a.attname, ',' order by k.n) || ') ' || f.confrelid::regclass \
     || ' (' || string_agg(b.attname, ',' order by k.n) || ')' from pg_constraint f \
     cross join unnest(f.conkey, f.confkey) with ordinality k(one, other, n) \
     join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.one \
     join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.other \
     where f.contype = 'f' and f.connamespace = 'public'::regnamespace group by f.oid, f.conrelid, f.confrelid",
];

/// Those with a name of their own; unique constraints are compared below.
const INDEXES: [&str; 2] = [
    "select t || ' ' || i || u || p || ' (' || group_concat(c, ',') || ')' from (select m.name as t, l.name as i, \
     iif(l.\"unique\", ' unique', '') as u, iif(l.partial, ' partial', '') as p, x.name as c from sqlite_master m \
     join pragma_index_list(m.name) l join pragma_index_info(l.name) x where m.type = 'table' and l.origin = 'c' \
     order by l.name, x.seqno) group by i",
    "select i.indrelid::regclass || ' ' || r.relname || case when i.indisunique then ' unique' else '' end \
     || case when i.indpred is not null then ' partial' else '' end || ' (' || string_agg(a.attname, ',' order by k.n) \
     || ')' from pg_index i join pg_class r on r.oid = i.indexrelid and r.relnamespace = 'public'::regnamespace \
     cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n) \
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum \
     where not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u')) \
     group by i.indexrelid, i.indrelid, i.indisunique, i.indpred, r.relname",
];

const UNIQUE_CONSTRAINTS: [&str; 2] = [
    "select t || ' (' || group_concat(c, ',') || ')' from (select m.name as t, l.name as i, x.name as c from \
     sqlite_master m join pragma_index_list(m.name) l join pragma_index_info(l.name) x where m.type = 'table' \
     and l.origin = 'u' order by l.name, x.seqno) group by i",
    "select u.conrelid::regclass || ' (' || string_agg(a.attname, ',' order by k.n) || ')' from pg_constraint u \
     cross join unnest(u.conkey) with ordinality k(attnum, n) \
     join pg_attribute a on a.attrelid = u.conrelid and a.attnum = k.attnum \
     where u.contype = 'u' and u.connamespace = 'public'::regnamespace group by u.oid, u.conrelid",
];

#[test]
fn both_databases_have_the_same_tables_columns_keys_and_indexes() {
    run(async {
        let places = BOTH.map(Place::new);
        let mut raws = Vec::new();
        for place in &places {
            Node::open(place).await;
            raws.push(Raw::open(place).await);
        }
        let kinds = [
            ("columns", COLUMNS, 170),
            ("primary keys", PRIMARY_KEYS, 21),
            ("foreign keys", FOREIGN_KEYS, 20),
            ("indexes", INDEXES, 9),
            ("unique constraints", UNIQUE_CONSTRAINTS, 3),
        ];
        for (what, selects, least) in kinds {
            let mut found = Vec::new();
            for (raw, select) in raws.iter_mut().zip(selects) {
                found.push(raw.texts(select).await.into_iter().collect::<BTreeSet<String>>());
            }
            let (sqlite, postgres) = (&found[0], &found[1]);
            let apart: Vec<_> = sqlite.symmetric_difference(postgres).collect();
            assert!(apart.is_empty(), "{what} that only one of them has: {apart:#?}");
            assert!(sqlite.len() >= least, "only {} {what} were compared: {sqlite:#?}", sqlite.len());
        }
    });
}

/// Both count the same steps, so that a version means the same everywhere.
#[test]
fn both_folders_have_migrations_of_the_same_names() {
    let names = [Kind::Sqlite, Kind::Postgres].map(|kind| {
        let folder = format!("{}/migrations/{}", env!("CARGO_MANIFEST_DIR"), format!("{kind:?}").to_lowercase());
        let entries = std::fs::read_dir(Path::new(&folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
    });
    assert_eq!(names[0], names[1]);
    assert!(!names[0].is_empty());
}

/// Branches of one release bring their migrations in any order: a database that has a later one gets the earlier one all
/// the same, and ends up as every other.
#[test]
fn a_migration_that_was_passed_over_is_made_up_for() {
    for kind in BOTH {
        run(async {
            let (late, fresh) = (Place::new(kind), Place::new(kind));
            let some = tempfile::tempdir().unwrap();
            let folder = format!("{}/migrations/{}", env!("CARGO_MANIFEST_DIR"), format!("{kind:?}").to_lowercase());
            for entry in std::fs::read_dir(Path::new(&folder)).unwrap().map(Result::unwrap) {
                let name = entry.file_name().into_string().unwrap();
                // Those after it build on it.
                if !name.starts_with("0007") && *name < *"0010" {
                    std::fs::copy(entry.path(), some.path().join(name)).unwrap();
                }
            }
            migrate(&late, some.path()).await;
            let mut raw = Raw::open(&late).await;
            let before = raw.number("select count(*) from _sqlx_migrations where version = 7").await;
            let newest = raw.number("select max(version) from _sqlx_migrations where success").await;
            assert!(before == 0 && newest > 7, "{kind:?}: nothing was passed over");

            Node::open(&late).await;
            Node::open(&fresh).await;
            let mut other = Raw::open(&fresh).await;
            for kinds in [COLUMNS, PRIMARY_KEYS, FOREIGN_KEYS, INDEXES, UNIQUE_CONSTRAINTS] {
                let select = kinds[usize::from(kind == Kind::Postgres)];
                let (found, expected) = (raw.texts(select).await, other.texts(select).await);
                assert_eq!(unnumbered(&found), unnumbered(&expected), "{kind:?}");
            }
            let made = "select count(*) from _sqlx_migrations where success";
            assert_eq!(raw.number(made).await, other.number(made).await);
        });
    }
}

/// The place of a column in its table depends on the order, and nobody asks for it.
fn unnumbered(lines: &[String]) -> BTreeSet<String> {
    let plain = |line: &String| match line.split_once('.') {
        Some((table, rest)) => format!("{table}.{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => line.clone(),
    };
    lines.iter().map(plain).collect()
}

/// As a release did that had only these.
async fn migrate(place: &Place, folder: &Path) {
    let migrator = Migrator::new(folder).await.unwrap();
    match place.kind {
        Kind::Sqlite => {
            let options = SqliteConnectOptions::from_str(&place.url).unwrap().create_if_missing(true);
            let pool = SqlitePool::connect_with(options).await.unwrap();
            migrator.run(&pool).await.unwrap();
            pool.close().await;
        }
        Kind::Postgres => {
            let pool = PgPool::connect(&place.url).await.unwrap();
            migrator.run(&pool).await.unwrap();
            pool.close().await;
        }
    }
}
