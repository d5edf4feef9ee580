//! Where a server's files lie: a cluster with Comanda's roles, made once and copied, in a folder of its own.

use super::programs::{NOBODY, command, is_alive, is_root, program, succeeded};
use std::fs::{self, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The server's login, which is no superuser, and the role for queries across restaurants.
const ROLES: &str = "create role comanda login noinherit nosuperuser nobypassrls;\n\
    create role comanda_wide nologin nosuperuser nobypassrls;\n\
    grant comanda_wide to comanda;\n";
const INITDB: &[&str] = &["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"];
const FOLDER_PREFIX: &str = "comanda-pg-";
/// A socket's path has at most 107 bytes (unix(7)); the folder's and the socket's own names take 45 of them.
const PARENT_BYTES: usize = 60;
/// No test takes this long.
const STALE: Duration = Duration::from_secs(3600);

/// A cluster with the roles, made once and then copied: that takes 30 ms where initdb takes 500. It lies in
/// the build folder, and is known by what it was made of.
pub(super) fn template() -> PathBuf {
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
pub(super) fn copy(from: &Path, to: &Path) {
    succeeded(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// A folder with a short name, named after this process, of the user that Postgres will run as.
pub(super) fn fresh_folder() -> TempDir {
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
pub(super) fn sweep() {
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
