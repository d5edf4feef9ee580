//! The files of backups: a copy gets its name only when it is whole and on the disk, nothing is written over, and a
//! database that is replaced is kept. What is in the files is the store's business.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

/// What SQLite keeps beside a database.
const LOG: &str = "-wal";
const INDEX: &str = "-shm";
/// What a database is called that will take another's place.
const RESTORING: &str = ".restoring";

/// Why a copy was not made or not put in its place.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("{0} is there already; a backup never writes over another file")]
    Taken(PathBuf),
    #[error("{0} is there: another backup is writing it, or one was killed. If none runs, remove it")]
    Unfinished(PathBuf),
    #[error("{0} was being restored when it was interrupted: run the restore again")]
    Interrupted(PathBuf),
    #[error("{path}")]
    File { path: PathBuf, source: io::Error },
}

/// A copy under way: an empty file of its owner only, under another name than it will have. Dropped, it is removed.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    goal: PathBuf,
}

impl Draft {
    /// Of a backup that shall be called `goal`.
    ///
    /// # Errors
    /// `Taken` when there is such a file, `Unfinished` when there is its draft; when the folder cannot be written.
    pub fn of_backup(goal: &Path) -> Result<Self, CopyError> {
        if goal.symlink_metadata().is_ok() {
            return Err(CopyError::Taken(goal.to_owned()));
        }
        let path = with(goal, ".part");
        make(&path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => CopyError::Unfinished(path.clone()),
            _ => failed(&path)(error),
        })?;
        Ok(Self { path, goal: goal.to_owned() })
    }

    /// Of a database that shall take the place of `database`, whose lock the caller holds: a draft that is there
    /// already was left by somebody who was killed.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn of_database(database: &Path) -> Result<Self, CopyError> {
        let draft = Self { path: with(database, RESTORING), goal: database.to_owned() };
        draft.remove();
        make(&draft.path).map_err(failed(&draft.path))?;
        Ok(draft)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives a backup its name, once it is on the disk.
    ///
    /// # Errors
    /// `Taken` when somebody else took the name meanwhile; a disk that does not do as it is told.
    pub fn finish(self) -> Result<(), CopyError> {
        sync(&self.path).map_err(failed(&self.path))?;
        // Takes the name; a rename alone would write over what came meanwhile.
        make(&self.goal).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => CopyError::Taken(self.goal.clone()),
            _ => failed(&self.goal)(error),
        })?;
        self.take_place()
    }

    /// Puts a database in its place, once it is on the disk. What is there is kept as it is, under a name that ends
    /// in `stamp` and is answered; its log under the name that belongs to it.
    ///
    /// # Errors
    /// A disk that does not do as it is told. The database is then as it was, or whole under the other name.
    pub fn replace(self, stamp: &str) -> Result<Option<PathBuf>, CopyError> {
        let is_there = self.goal.try_exists().map_err(failed(&self.goal))?;
        let like = if is_there { &self.goal } else { folder(&self.goal) };
        same_owner(&self.path, like).and_then(|()| sync(&self.path)).map_err(failed(&self.path))?;
        let kept = with(&self.goal, &format!(".replaced-{stamp}"));
        let log = with(&self.goal, LOG);
        // In this order: whenever the power goes, a database is whole under one of its names, and never beside the
        // log of another, which it would take for its own. In between there is none: see `expect_none_interrupted`.
        if is_there {
            if has_log(&self.goal) {
                fs::hard_link(&log, with(&kept, LOG)).map_err(failed(&log))?;
            }
            fs::rename(&self.goal, &kept).map_err(failed(&kept))?;
        }
        remove(&log).map_err(failed(&log))?;
        let index = with(&self.goal, INDEX);
        remove(&index).map_err(failed(&index))?;
        self.take_place()?;
        Ok(is_there.then_some(kept))
    }

    fn take_place(&self) -> Result<(), CopyError> {
        fs::rename(&self.path, &self.goal).map_err(failed(&self.goal))?;
        let folder = folder(&self.goal);
        sync(folder).map_err(failed(folder))
    }

    fn remove(&self) {
        for path in [self.path.clone(), with(&self.path, LOG), with(&self.path, INDEX)] {
            if let Err(error) = remove(&path) {
                tracing::warn!(path = %path.display(), %error, "a draft could not be removed");
            }
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Whether a database has a log beside it that holds something.
#[must_use]
pub fn has_log(database: &Path) -> bool {
    fs::metadata(with(database, LOG)).is_ok_and(|log| log.len() > 0)
}

/// An interrupted restore may have put the database away, and not yet another into its place: nobody may begin an
/// empty one there.
///
/// # Errors
/// `Interrupted`, if that is so.
pub fn expect_none_interrupted(database: &Path) -> Result<(), CopyError> {
    if !database.exists() && with(database, RESTORING).exists() {
        return Err(CopyError::Interrupted(database.to_owned()));
    }
    Ok(())
}

/// # Errors
/// When it is not there, or is no file that can be read.
pub fn readable(database: &Path) -> Result<(), CopyError> {
    File::open(database).map(drop).map_err(failed(database))
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    options.open(path).map(drop)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Root may restore what another user serves from.
fn same_owner(path: &Path, like: &Path) -> io::Result<()> {
    let (is, wanted) = (fs::metadata(path)?, fs::metadata(like)?);
    if (is.uid(), is.gid()) == (wanted.uid(), wanted.gid()) {
        return Ok(());
    }
    chown(path, Some(wanted.uid()), Some(wanted.gid()))
}

/// Makes a file's content, or a folder's names, survive a power cut.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> CopyError {
    let path = path.to_owned();
    |source| CopyError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_backup_has_its_name_only_when_it_is_whole_and_never_writes_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let goal = folder.path().join("monday.db");
        drop(Draft::of_backup(&goal).unwrap());
        assert_eq!(names(folder.path()), [""; 0], "given up, nothing is left");
        let draft = Draft::of_backup(&goal).unwrap();
        assert_eq!(names(folder.path()), ["monday.db.part"]);
        assert!(matches!(Draft::of_backup(&goal), Err(CopyError::Unfinished(_))));
        fs::write(draft.path(), "first").unwrap();
        draft.finish().unwrap();
        assert_eq!(names(folder.path()), ["monday.db"]);
        assert!(matches!(Draft::of_backup(&goal), Err(CopyError::Taken(_))));
        assert_eq!(fs::read_to_string(&goal).unwrap(), "first");
    }

    #[test]
    fn a_name_that_was_taken_meanwhile_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let goal = folder.path().join("monday.db");
        let draft = Draft::of_backup(&goal).unwrap();
        fs::write(&goal, "somebody's").unwrap();
        assert!(matches!(draft.finish(), Err(CopyError::Taken(_))));
        assert_eq!(fs::read_to_string(&goal).unwrap(), "somebody's");
        assert_eq!(names(folder.path()), ["monday.db"]);
    }

    #[test]
    fn a_replaced_database_is_kept_with_its_log_under_names_that_belong_together() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        for (ending, text) in [("", "old"), ("-wal", "log"), ("-shm", "index"), (".restoring-wal", "of a killed one")] {
            fs::write(with(&database, ending), text).unwrap();
        }
        let draft = Draft::of_database(&database).unwrap();
        fs::write(draft.path(), "new").unwrap();
        let kept = draft.replace("1").unwrap().unwrap();
        assert_eq!(names(folder.path()), ["a.db", "a.db.replaced-1", "a.db.replaced-1-wal"]);
        let text = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!([text(&database), text(&kept), text(&with(&kept, LOG))], ["new", "old", "log"]);
        expect_none_interrupted(&database).unwrap();
    }

    #[test]
    fn no_database_is_begun_where_a_restore_was_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        expect_none_interrupted(&database).unwrap();
        let interrupted = Draft::of_database(&database).unwrap();
        assert!(matches!(expect_none_interrupted(&database), Err(CopyError::Interrupted(_))));
        interrupted.replace("1").unwrap();
        expect_none_interrupted(&database).unwrap();
    }

    /// Only root can give a file away; for others this test can only see that nothing changes.
    #[test]
    fn a_restored_database_belongs_to_whom_the_one_before_belonged_to() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        fs::write(&database, "old").unwrap();
        chown(&database, Some(65_534), Some(65_534)).ok();
        let owner = |path: &Path| fs::metadata(path).map(|file| (file.uid(), file.gid())).unwrap();
        let before = owner(&database);
        Draft::of_database(&database).unwrap().replace("1").unwrap();
        assert_eq!(owner(&database), before);
        assert_eq!(fs::read_to_string(&database).unwrap(), "");
    }

    #[test]
    fn where_nothing_was_nothing_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        assert_eq!(Draft::of_database(&database).unwrap().replace("1").unwrap(), None);
        assert_eq!(names(folder.path()), ["a.db"]);
    }
}
