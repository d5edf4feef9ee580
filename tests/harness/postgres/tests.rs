//! The server that tests rest on is tested itself.

use super::*;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn count(connection: &mut PgConnection) -> i64 {
    connection.fetch_one("select count(*) from t").await.unwrap().get(0)
}

#[tokio::test]
async fn the_servers_role_is_bound_by_row_security_and_may_change_to_the_wide_one() {
    let url = TestPostgres::shared().database("roles");
    let mut comanda = connect(&url).await;
    let select =
        "select rolname::text, rolsuper or rolbypassrls or rolinherit from pg_roles where rolname = current_user";
    let row = comanda.fetch_one(select).await.unwrap();
    assert_eq!((row.get::<String, _>(0).as_str(), row.get::<bool, _>(1)), ("comanda", false));
    comanda.execute("create table t (n int); grant select on t to comanda_wide; set role comanda_wide").await.unwrap();
    assert_eq!(count(&mut comanda).await, 0);
    assert!(comanda.execute("drop table t").await.is_err());
    let mut postgres = connect(&TestPostgres::shared().superuser_url("roles")).await;
    postgres.execute("drop table t").await.unwrap();
}

#[tokio::test]
async fn databases_of_one_server_are_apart() {
    let (one, other) = (TestPostgres::shared().database("one"), TestPostgres::shared().database("other"));
    connect(&one).await.execute("create table t (n int)").await.unwrap();
    assert!(connect(&other).await.execute("select * from t").await.is_err());
}

#[tokio::test]
async fn what_was_committed_survives_a_killed_and_a_stopped_server() {
    let mut postgres = TestPostgres::start();
    let url = postgres.database("survives");
    let mut before = connect(&url).await;
    before.execute("create table t (n int); insert into t values (1)").await.unwrap();
    postgres.kill();
    assert!(before.execute("select 1").await.is_err() && PgConnection::connect(&url).await.is_err());
    postgres.restart();
    let mut between = connect(&url).await;
    between.execute("insert into t values (2)").await.unwrap();
    postgres.stop();
    assert!(between.execute("select 1").await.is_err() && PgConnection::connect(&url).await.is_err());
    postgres.restart();
    assert_eq!(count(&mut connect(&url).await).await, 2);
}

#[tokio::test]
async fn a_paused_server_answers_nothing_until_it_is_resumed() {
    let mut postgres = TestPostgres::start();
    let mut connection = connect(&postgres.database("paused")).await;
    postgres.pause();
    let mut asked = Box::pin(connection.fetch_one("select 1"));
    let answer = tokio::time::timeout(Duration::from_millis(300), &mut asked).await;
    assert!(answer.is_err(), "a frozen server answered");
    postgres.resume();
    tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap();
}

#[test]
fn a_durable_server_waits_for_the_disk() {
    let durable = TestPostgres::durable();
    let shown = durable.client("psql").args(["-XAt", "-c", "show fsync"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&shown.stdout), "on\n");
}

#[test]
fn a_dropped_server_leaves_nothing_behind_even_when_it_was_frozen() {
    let mut postgres = TestPostgres::start();
    postgres.pause();
    let (folder, pids) = (postgres.folder.clone(), postgres.pids());
    drop(postgres);
    wait_until("the server to be gone", || pids.iter().all(|pid| !is_alive(*pid)));
    assert!(!folder.exists());
}

/// This test runs itself a second time, as the process that is killed.
#[test]
fn a_killed_test_process_leaves_nothing_behind() {
    const VICTIM: &str = "COMANDA_TEST_VICTIM";
    if std::env::var_os(VICTIM).is_some() {
        println!("\nfolder {}", TestPostgres::shared().folder.display());
        std::thread::sleep(PATIENCE);
        return;
    }
    let (_, path) = module_path!().split_once("::").unwrap();
    let name = format!("{path}::a_killed_test_process_leaves_nothing_behind");
    let mut victim = Command::new(std::env::current_exe().unwrap());
    let victim = victim.args(["--exact", &name, "--nocapture"]).env(VICTIM, "1").stdout(Stdio::piped());
    let mut victim = victim.spawn().unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let folder = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("folder ").map(PathBuf::from));
    let folder = folder.expect("the victim has a server");
    assert!(folder.join(".s.PGSQL.5432").exists());
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until("the folder to be gone", || !folder.exists());
}
