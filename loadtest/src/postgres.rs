//! A private Postgres that waits for the disk at each commit, as it is installed: on a unix socket in a temporary folder,
//! with the server's two roles, gone with this process. For root, whom Postgres refuses, it runs as `nobody`.

use crate::guard::{Guarded, Program, command};
use crate::pin::Pin;
use anyhow::{Context, Result, bail};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The server's login, which is no superuser, and the role for queries across restaurants.
const ROLES: &str = "create role comanda login noinherit nosuperuser nobypassrls; \
    create role comanda_wide nologin nosuperuser nobypassrls; grant comanda_wide to comanda";
const NOBODY: u32 = 65534;
/// The 64 senders of the naive writer, the server's pools, and some to spare.
const CONNECTIONS: u32 = 400;
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; dropping it ends it.
pub struct Postgres {
    // Dropped in this order.
    _server: Guarded,
    folder: TempDir,
    programs: Programs,
}

impl Postgres {
    /// # Errors
    /// Postgres is not installed, or does not start.
    pub async fn start(programs: Option<&Path>, parent: &Path, pin: Pin) -> Result<Self> {
        let programs = Programs::find(programs)?;
        let user = is_root().then_some(NOBODY);
        let folder = private_folder(parent, user)?;
        let data = folder.path().join("data");
        let mut initdb = command(&programs.path("initdb"), user);
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"]).arg(&data);
        succeeded(&mut initdb)?;
        let server = Program {
            path: programs.path("postgres"),
            arguments: vec![
                "-D".into(),
                data.into(),
                "-k".into(),
                folder.path().into(),
                "-c".into(),
                "listen_addresses=".into(),
                "-c".into(),
                format!("max_connections={CONNECTIONS}").into(),
            ],
            folder: folder.path().to_owned(),
            log: folder.path().join("log"),
            end_with: "QUIT",
            user,
            pin,
        };
        let postgres = Self { _server: server.start()?, folder, programs };
        postgres.ready().await?;
        postgres.sql("postgres", ROLES)?;
        Ok(postgres)
    }

    /// Makes a database that belongs to `comanda`, and answers the URL with which that role comes to it.
    ///
    /// # Errors
    /// A name that is taken.
    pub fn database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("create database {name} owner comanda"))?;
        // An owner that inherits nothing does not own `public` through `pg_database_owner`.
        self.sql(name, "alter schema public owner to comanda")?;
        Ok(self.url("comanda", name))
    }

    /// How somebody who sees all rows comes to a database.
    pub fn superuser_url(&self, name: &str) -> String {
        self.url("postgres", name)
    }

    fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@localhost/{database}?host={}", self.folder.path().display())
    }

    async fn ready(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.client("pg_isready").args(["-q", "-t", "1"]).status()?.success() {
            if Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                bail!("Postgres does not start:\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn sql(&self, database: &str, statement: &str) -> Result<()> {
        let mut psql = self.client("psql");
        succeeded(psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]))
    }

    fn client(&self, name: &str) -> Command {
        let mut client = command(&self.programs.path(name), None);
        client.arg("-h").arg(self.folder.path()).args(["-U", "postgres"]);
        client
    }
}

/// Where the programs of Postgres are.
struct Programs(PathBuf);

impl Programs {
    /// As named, or where `pg_config` says, or the newest of Debian's folders.
    fn find(named: Option<&Path>) -> Result<Self> {
        let mut folders: Vec<PathBuf> = named.map(Path::to_owned).into_iter().collect();
        if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
            folders.push(String::from_utf8_lossy(&told.stdout).trim().into());
        }
        let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        let mut versions: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
        let found = folders.into_iter().find(|folder| folder.join("initdb").is_file());
        found.map(Self).context("Postgres is not found: install its server, or name the folder of initdb with --pg-bin")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// A folder that only the one who runs Postgres may read.
fn private_folder(parent: &Path, user: Option<u32>) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("load-pg-").tempdir_in(parent)?;
    // unix(7): the path of a socket has at most 107 bytes, and Postgres adds `/.s.PGSQL.5432.lock`.
    if folder.path().as_os_str().len() > 80 {
        bail!("{} is too long a name for the folder of a socket: name a shorter --folder", folder.path().display());
    }
    if user.is_some() {
        chown(folder.path(), user, user)?;
    }
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700))?;
    Ok(folder)
}

/// proc_pid(5): the folder belongs to the effective user.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn succeeded(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
