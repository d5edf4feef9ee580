//! A Postgres of the test's own: made in a fraction of a second, on a unix socket in a temporary folder, gone with
//! the test process however that ends. Knows nothing of Comanda but its two roles. Works for root, whom Postgres
//! refuses (it runs as `nobody` then), and for everybody else.
//!
//! Stopping, killing and freezing it take `&mut self`, so that no test can do that to the server others share.

#![expect(clippy::disallowed_methods, reason = "blocking set-up of a child process, outside of any runtime")]

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The server's login, which is no superuser, and the role for queries across restaurants.
const ROLES: &str = "create role comanda login noinherit nosuperuser nobypassrls;\n\
    create role comanda_wide nologin nosuperuser nobypassrls;\n\
    grant comanda_wide to comanda;\n";
const INITDB: &[&str] = &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"];
/// Commits stay synchronous: what was acknowledged must survive a killed server. Only a power cut would lose it.
const FAST: &[&str] = &["-c", "fsync=off", "-c", "full_page_writes=off"];
const FOLDER_PREFIX: &str = "comanda-pg-";
/// `nobody`, for root.
const NOBODY: u32 = 65534;
/// A socket's path has at most 107 bytes (unix(7)); the folder's and the socket's own names take 45 of them.
const PARENT_BYTES: usize = 60;
/// No test takes this long.
const STALE: Duration = Duration::from_secs(3600);
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the server, tells its pid, and waits for a word. However the pipe ends, the server ends; and the
/// folder goes, unless the word says that the server will be started again.
const WATCHDOG: &str = r#"
folder=$1; shift
"$@" >&2 & server=$!
echo $server
read -r word
kill -CONT $server 2>/dev/null
if [ "$word" = again ]; then kill -INT $server 2>/dev/null; else kill -QUIT $server 2>/dev/null; fi
wait $server
if [ "$word" != again ]; then rm -rf "$folder"; fi
"#;

/// A running server; dropping it ends it.
pub struct TestPostgres {
    folder: PathBuf,
    options: &'static [&'static str],
    running: Option<Running>,
}

struct Running {
    watchdog: Child,
    /// The postmaster's.
    pid: u32,
    frozen: bool,
}

impl TestPostgres {
    /// The server that the tests of this process share. Each makes a database of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestPostgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server that does not wait for the disk.
    pub fn start() -> Self {
        Self::with(FAST)
    }

    /// A server that waits for the disk at each commit, as in production. For measurements.
    pub fn durable() -> Self {
        Self::with(&[])
    }

    fn with(options: &'static [&'static str]) -> Self {
        sweep();
        let template = template();
        let mut postgres = Self { folder: fresh_folder().keep(), options, running: None };
        copy(&template, &postgres.folder.join("data"));
        postgres.launch();
        postgres
    }

    /// Makes a database that belongs to `comanda`, and answers the URL with which that role comes to it.
    pub fn database(&self, name: &str) -> String {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        assert!(plain && (1..=63).contains(&name.len()), "`{name}` is no plain name of a database");
        self.sql("postgres", &format!("create database {name} owner comanda"));
        // An owner that inherits nothing does not own `public` through `pg_database_owner`.
        self.sql(name, "alter schema public owner to comanda");
        self.url("comanda", name)
    }

    /// Writes a database into a file, as an operator would, while others use it.
    pub fn dump(&self, name: &str, into: &Path) {
        let dumped = succeeded(self.client("pg_dump").args(["-Fc", "-d", name]));
        fs::write(into, dumped.stdout).expect("the dump is written");
    }

    /// Puts a dump in a database's place. Whoever was connected is sent away. What was there is kept beside it; the
    /// answer is how the superuser comes to that.
    pub fn restore(&self, name: &str, from: &Path) -> String {
        let former = format!("{name}_former");
        for statement in [
            format!("alter database {name} allow_connections false"),
            format!("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{name}'"),
            format!("alter database {name} rename to {former}"),
            format!("alter database {former} allow_connections true"),
            format!("create database {name} owner comanda"),
        ] {
            self.sql("postgres", &statement);
        }
        let dump = File::open(from).expect("the dump");
        succeeded(self.client("pg_restore").args(["--exit-on-error", "-1", "-d", name]).stdin(dump));
        self.superuser_url(&former)
    }

    /// How the superuser comes to a database that was made before.
    pub fn superuser_url(&self, name: &str) -> String {
        self.url("postgres", name)
    }

    fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.display())
    }

    /// Ends the server in order: sessions are ended, nothing is lost. [`Self::restart`] brings it back.
    pub fn stop(&mut self) {
        self.resume();
        self.end();
    }

    /// Ends the server as a crash of its machine's software would: every process of it at once.
    pub fn kill(&mut self) {
        let pids = self.pids();
        signal("-KILL", &pids);
        self.end();
        wait_until("the killed server's processes to be gone", || pids.iter().all(|pid| !is_alive(*pid)));
    }

    /// Starts the server again after [`Self::stop`] or [`Self::kill`], with what it had committed.
    pub fn restart(&mut self) {
        self.launch();
    }

    /// Freezes every process of the server: connections stay open, and nothing answers.
    pub fn pause(&mut self) {
        let pid = self.running().pid;
        signal("-STOP", &[pid]);
        signal("-STOP", &children(pid));
        self.running().frozen = true;
    }

    /// Ends a [`Self::pause`]; nothing otherwise.
    pub fn resume(&mut self) {
        if self.running().frozen {
            signal("-CONT", &self.pids());
            self.running().frozen = false;
        }
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().expect("the server was stopped, and not started again")
    }

    /// The postmaster and all its children.
    fn pids(&mut self) -> Vec<u32> {
        let pid = self.running().pid;
        let mut pids = children(pid);
        pids.push(pid);
        pids
    }

    fn end(&mut self) {
        let mut watchdog = self.running.take().expect("the server was stopped before").watchdog;
        let told = watchdog.stdin.take().expect("the watchdog's pipe is open").write_all(b"again\n");
        told.expect("the watchdog listens");
        watchdog.wait().expect("the watchdog ends");
    }

    fn launch(&mut self) {
        assert!(self.running.is_none(), "the server is running");
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut watchdog = command("/bin/sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(&self.folder)
            .arg(program("postgres"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .arg("-k")
            .arg(&self.folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .args(self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C ends the test, and that ends the server in order.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let mut pid = String::new();
        let told = watchdog.stdout.take().expect("the watchdog's other pipe");
        BufReader::new(told).read_line(&mut pid).expect("the watchdog tells a pid");
        let pid = pid.trim().parse().expect("a pid");
        self.running = Some(Running { watchdog, pid, frozen: false });
        self.expect_ready();
    }

    /// Waits until it takes connections: after a crash it recovers first.
    fn expect_ready(&self) {
        let deadline = Instant::now() + PATIENCE;
        while !self.client("pg_isready").args(["-q", "-t", "1"]).status().expect("pg_isready").success() {
            if Instant::now() > deadline {
                panic!("Postgres does not start:\n{}", fs::read_to_string(self.folder.join("log")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn sql(&self, database: &str, statement: &str) {
        let mut psql = self.client("psql");
        succeeded(psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]));
    }

    fn client(&self, name: &str) -> Command {
        let mut client = command(program(name));
        client.arg("-h").arg(&self.folder).args(["-U", "postgres"]);
        client
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        match self.running.take() {
            None => {
                fs::remove_dir_all(&self.folder).ok();
            }
            Some(mut running) => {
                if running.frozen {
                    signal("-CONT", &children(running.pid));
                }
                drop(running.watchdog.stdin.take());
                running.watchdog.wait().ok();
            }
        }
    }
}

/// A cluster with the roles, made once and then copied: that takes 30 ms where initdb takes 500. It lies in
/// the build folder, and is known by what it was made of.
fn template() -> PathBuf {
    let version = succeeded(Command::new(program("postgres")).arg("--version")).stdout;
    let mut hasher = DefaultHasher::new();
    // Root's clusters belong to `nobody`, who cannot share them with other users.
    (version, ROLES, INITDB, is_root()).hash(&mut hasher);
    let template = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("postgres-{:016x}", hasher.finish()));
    if !template.exists() {
        let folder = fresh_folder();
        make_cluster(folder.path());
        let draft = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder in the build folder");
        copy(&folder.path().join("data"), &draft.path().join("data"));
        // Whoever comes second finds a full folder there, and uses that one.
        fs::rename(draft.path().join("data"), &template).ok();
        assert!(template.exists(), "the cluster could not be moved to {}", template.display());
    }
    template
}

fn make_cluster(folder: &Path) {
    let data = folder.join("data");
    succeeded(command(program("initdb")).args(INITDB).arg(&data));
    let mut single = command(program("postgres"));
    single.args(["--single", "-D"]).arg(&data).arg("postgres");
    let mut single =
        single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("postgres");
    single.stdin.take().expect("a pipe").write_all(ROLES.as_bytes()).expect("postgres reads statements");
    let ended = single.wait_with_output().expect("postgres ends");
    let words = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !words.contains("ERROR"), "the roles were not made:\n{words}");
}

/// With owners and modes.
fn copy(from: &Path, to: &Path) {
    succeeded(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// A folder with a short name, named after this process, of the user that Postgres will run as.
fn fresh_folder() -> TempDir {
    let prefix = format!("{FOLDER_PREFIX}{}-", std::process::id());
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(parent()).expect("a temporary folder");
    if is_root() {
        chown(&folder, Some(NOBODY), Some(NOBODY)).expect("root gives a folder away");
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("the folder is ours");
    folder
}

fn parent() -> PathBuf {
    let temporary = std::env::temp_dir();
    if temporary.as_os_str().len() <= PARENT_BYTES { temporary } else { PathBuf::from("/tmp") }
}

/// Removes folders of test processes that ended some time ago, if their watchdog was killed too.
fn sweep() {
    for entry in fs::read_dir(parent()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(FOLDER_PREFIX)?.split('-').next()?.parse().ok());
        let age = entry.metadata().and_then(|folder| folder.modified()).ok().and_then(|at| at.elapsed().ok());
        let old = age.is_some_and(|age| age > STALE);
        if old && pid.is_some_and(|pid| !is_alive(pid)) {
            // If it is somebody else's, or gone by now, it is not ours to remove.
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}

/// A command as a user that may run Postgres.
fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env_clear().env("LC_ALL", "C").env("TZ", "UTC");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Whether this process is root's (proc_pid(5): the folder belongs to the effective user).
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// The full path of a program of Postgres: from `PG_BIN`, `pg_config`, Debian's folders (newest first) or `PATH`.
fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::var_os("PG_BIN").map(PathBuf::from).into_iter().collect();
    if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(String::from_utf8_lossy(&told.stdout).trim().into());
    }
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} of the Postgres server is not found: install it, or set PG_BIN to its folder")
    })
}

#[track_caller]
fn succeeded(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Sends a signal. A process that has just ended is no error.
fn signal(name: &str, pids: &[u32]) {
    let pids = pids.iter().map(ToString::to_string);
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill \"$@\"", "kill", name]).args(pids).stderr(Stdio::null());
    kill.status().expect("a shell");
}

/// The processes whose parent is `parent`.
fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("killing and freezing Postgres needs /proc").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid).is_some_and(|(_, of)| of == parent)).collect()
}

/// A process's state and its parent (proc_pid_stat(5)).
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Whether it can still do something. Without /proc everything may.
fn is_alive(pid: u32) -> bool {
    fs::metadata("/proc/self").is_err() || stat(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

mod tests {
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
        comanda
            .execute("create table t (n int); grant select on t to comanda_wide; set role comanda_wide")
            .await
            .unwrap();
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
}
