//! What `comanda backup` and `comanda restore` refuse, and what they leave as it was.

use crate::harness::process::Site;
use crate::harness::run;
use crate::harness::server::Kind;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(20);

/// A site with a database that a server made, and one backup of it, taken while the server served.
async fn backed_up() -> (Site, PathBuf) {
    let site = Site::new(Kind::Sqlite);
    site.settings("", "", "");
    let server = site.serve().await;
    let backup = site.folder().join("backup.db");
    succeeds(&site, &["backup", text(&backup)]).await;
    server.kill();
    (site, backup)
}

async fn succeeds(site: &Site, arguments: &[&str]) -> String {
    let output = site.run(arguments, SHORT).await;
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

async fn is_refused(site: &Site, arguments: &[&str], because: &str) {
    let output = site.run(arguments, SHORT).await;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && words.contains(because), "{arguments:?}: {words}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

fn database(site: &Site) -> PathBuf {
    site.folder().join("comanda.db")
}

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.expect("a database")
}

async fn epochs(path: &Path) -> Vec<Vec<u8>> {
    let mut connection = open(path).await;
    let epochs = sqlx::query_scalar("select epoch from feeds").fetch_all(&mut connection).await.expect("epochs");
    connection.close().await.expect("closed");
    epochs
}

fn names(site: &Site) -> Vec<String> {
    let entries = std::fs::read_dir(site.folder()).expect("a folder").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn a_backup_is_private_whole_and_never_writes_over_a_file() {
    run(async {
        let (site, backup) = backed_up().await;
        let made = std::fs::read(&backup).expect("the backup");
        assert_eq!(std::fs::metadata(&backup).expect("the backup").permissions().mode() & 0o777, 0o600);
        is_refused(&site, &["backup", text(&backup)], "is there already").await;
        assert!(std::fs::read(&backup).expect("the backup") == made);
        assert_eq!(epochs(&backup).await, epochs(&database(&site)).await, "a backup changes nothing");
        is_refused(&site, &["backup", "/nowhere/backup.db"], "No such file").await;
        let left = names(&site).into_iter().find(|name| name.contains(".part"));
        assert_eq!(left, None);
    });
}

#[test]
fn nothing_is_restored_while_a_server_runs() {
    run(async {
        let site = Site::new(Kind::Sqlite);
        site.settings("", "", "");
        let _server = site.serve().await;
        let backup = site.folder().join("backup.db");
        succeeds(&site, &["backup", text(&backup)]).await;
        let before = epochs(&database(&site)).await;
        is_refused(&site, &["restore", text(&backup)], "another comanda is serving").await;
        is_refused(&site, &["restore", "--in-place"], "another comanda is serving").await;
        assert_eq!(epochs(&database(&site)).await, before);
        succeeds(&site, &["health"]).await;
    });
}

#[test]
fn what_is_no_whole_database_of_comanda_is_refused_and_nothing_is_touched() {
    run(async {
        let (site, backup) = backed_up().await;
        let good = std::fs::read(&backup).expect("the backup");
        let bad = site.folder().join("bad.db");
        let half = good.len() / 2;
        let mut scribbled = good.clone();
        scribbled[half..half + 3000].fill(0x5a);
        for (content, because) in [
            (&b""[..], "not a database of Comanda"),
            (b"orders of Monday\n", "file is not a database"),
            (&good[..half], "malformed"),
            (&scribbled, "malformed"),
        ] {
            std::fs::write(&bad, content).expect("a bad backup");
            let before = names(&site);
            is_refused(&site, &["restore", text(&bad)], because).await;
            assert_eq!(names(&site), before, "{because}");
        }
        std::fs::remove_file(&bad).expect("removed");
        open_new(&bad, "create table feeds (n int)").await;
        is_refused(&site, &["restore", text(&bad)], "not a database of Comanda").await;
        is_refused(&site, &["restore", "/nowhere.db"], "/nowhere.db: No such file").await;
        assert!(!names(&site).iter().any(|name| name.contains("restoring") || name.contains("replaced")));
        let _server = site.serve().await;
    });
}

async fn open_new(path: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.expect("a database");
    connection.execute(statement).await.expect("done");
    connection.close().await.expect("closed");
}

#[test]
fn an_order_without_its_line_is_a_damage_that_is_named() {
    run(async {
        let (site, backup) = backed_up().await;
        let mut connection = open(&backup).await;
        let orphan = "pragma foreign_keys = off; delete from restaurants";
        connection.execute(orphan).await.expect("done");
        connection.close().await.expect("closed");
        is_refused(&site, &["restore", text(&backup)], "without its restaurants").await;
    });
}

#[test]
fn the_database_before_is_kept_whole_also_what_only_its_log_had() {
    run(async {
        let (site, backup) = backed_up().await;
        let before = epochs(&database(&site)).await;
        let words = succeeds(&site, &["restore", text(&backup)]).await;
        let kept = words.split("is kept as ").nth(1).expect("a name").trim();
        assert_eq!(epochs(Path::new(kept)).await, before);
        let after = epochs(&database(&site)).await;
        assert!(after.len() == 1 && after != before, "a new history began");
        let _server = site.serve().await;
    });
}

#[test]
fn a_damaged_database_is_replaced_and_kept_as_it_is() {
    run(async {
        let (site, backup) = backed_up().await;
        std::fs::write(database(&site), "no database any more\n".repeat(500)).expect("damage");
        let log = std::fs::read(site.folder().join("comanda.db-wal")).expect("the killed server left its log");
        let words = succeeds(&site, &["restore", text(&backup)]).await;
        let kept = words.split("is kept as ").nth(1).expect("a name").trim();
        assert!(std::fs::read_to_string(kept).expect("text").starts_with("no database"));
        assert!(std::fs::read(format!("{kept}-wal")).expect("its log") == log);
        let _server = site.serve().await;
    });
}

#[test]
fn an_interrupted_restore_is_done_again_before_anybody_serves() {
    run(async {
        let (site, backup) = backed_up().await;
        // As if the power had gone between the two renames.
        std::fs::rename(database(&site), site.folder().join("comanda.db.replaced-1")).expect("moved");
        std::fs::write(site.folder().join("comanda.db.restoring"), "").expect("a draft");
        is_refused(&site, &["serve"], "run the restore again").await;
        succeeds(&site, &["restore", text(&backup)]).await;
        let _server = site.serve().await;
    });
}

#[test]
fn a_copy_of_a_newer_release_is_restored_if_this_one_may_serve_from_it() {
    run(async {
        let (site, backup) = backed_up().await;
        let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
            values (9000, 'of tomorrow', true, x'00', 0)";
        open_new(&backup, newer).await;
        succeeds(&site, &["restore", text(&backup)]).await;
        open_new(&backup, "update _sqlx_migrations set description = 'needs 8999 less' where version = 9000").await;
        is_refused(&site, &["restore", text(&backup)], "needs a newer comanda").await;
    });
}

#[test]
fn on_postgres_its_own_tools_are_named() {
    run(async {
        let site = Site::new(Kind::Postgres);
        site.settings("", "", "");
        is_refused(&site, &["backup", "/tmp/never.db"], "--in-place").await;
        is_refused(&site, &["restore", "/tmp/never.db"], "--in-place").await;
    });
}
