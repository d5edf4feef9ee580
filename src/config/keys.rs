//! The keys that sign: from the configuration, or from a file that is made at first start.
//! A kitchen's PC needs no setup this way, and keeps its keys: printed codes are signed with them.

use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::Deserialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FILE_NAME: &str = "keys.toml";
/// HMAC-SHA256 wants as many bytes as it makes (RFC 7518 §3.2).
const SECRET_BYTES: usize = 32;
const ID_CHARS: usize = 32;
/// A key file is a few lines; another file of that name is not read.
const FILE_BYTES: u64 = 64 * 1024;

/// A secret with the name under which tokens and codes refer to it.
#[derive(Clone, Debug)]
pub struct NamedKey {
    pub id: String,
    /// At least 32 bytes.
    pub secret: SecretSlice<u8>,
}

/// Where keys are found. Lines are `id:secret`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySources {
    pub token: Vec<SecretString>,
    pub qr: Vec<SecretString>,
    /// Empty: beside the SQLite file.
    pub file: PathBuf,
}

/// Why there are no keys. It never holds a part of one.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "Postgres needs keys that all nodes share: set keys.token and keys.qr, or keys.file (config/default.toml says how)"
    )]
    NotShared,
    #[error(
        "{list}, key number {number}, must be id:secret, the id of letters, digits, - and _, \
         the secret at least 32 bytes in base64url"
    )]
    Malformed { list: String, number: usize },
    #[error("{list} has two keys with the id `{id}`")]
    Twice { list: String, id: String },
    #[error("{list} is empty")]
    Empty { list: String },
    #[error("the key file {path} cannot be read or made")]
    File { path: PathBuf, source: io::Error },
    #[error("the key file {path} must have the lists `token` and `qr`, and nothing else")]
    NotKeys { path: PathBuf },
}

impl KeySources {
    /// The keys for tokens, and the keys for table codes. `data_dir` is where this server keeps files of its own.
    pub fn load(&self, data_dir: Option<&Path>) -> Result<(Vec<NamedKey>, Vec<NamedKey>), KeyError> {
        let (token, qr) = (&self.token, &self.qr);
        if !token.is_empty() && !qr.is_empty() {
            return Ok((keys(token, "keys.token")?, keys(qr, "keys.qr")?));
        }
        let path = self.path(data_dir).ok_or(KeyError::NotShared)?;
        let file = read_or_make(&path)?;
        let pick = |configured: &[SecretString], filed: &[SecretString], name: &str| {
            if configured.is_empty() {
                keys(filed, &format!("`{name}` in {}", path.display()))
            } else {
                keys(configured, &format!("keys.{name}"))
            }
        };
        Ok((pick(token, &file.token, "token")?, pick(qr, &file.qr, "qr")?))
    }

    fn path(&self, data_dir: Option<&Path>) -> Option<PathBuf> {
        if self.file.as_os_str().is_empty() {
            data_dir.map(|folder| folder.join(FILE_NAME))
        } else {
            Some(self.file.clone())
        }
    }
}

/// What a key file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    token: Vec<SecretString>,
    qr: Vec<SecretString>,
}

fn read_or_make(path: &Path) -> Result<KeyFile, KeyError> {
    let text = read(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => make(path).and_then(|()| read(path)),
        _ => Err(error),
    });
    let text = text.map_err(|source| KeyError::File { path: path.to_owned(), source })?;
    let file = ::config::Config::builder()
        .add_source(::config::File::from_str(text.expose_secret(), ::config::FileFormat::Toml))
        .build()
        .and_then(::config::Config::try_deserialize);
    // The parser's own words would quote the line.
    file.map_err(|_| KeyError::NotKeys { path: path.to_owned() })
}

fn read(path: &Path) -> io::Result<SecretString> {
    let file = File::open(path)?;
    let mut text = String::new();
    io::Read::read_to_string(&mut io::Read::take(file, FILE_BYTES), &mut text)?;
    Ok(text.into())
}

/// Makes the file whole or not at all: written and synced under another name, then linked to its own, which
/// fails if somebody else was first. Then theirs counts.
fn make(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private_folder(folder)?;
    let draft = folder.join(format!(".{FILE_NAME}.{}", fresh_id()));
    let linked = write(&draft).and_then(|()| std::fs::hard_link(&draft, path));
    let removed = std::fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Err(_) | Ok(()) => removed?,
    }
    sync_folder(folder)
}

fn write(path: &Path) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    let line = || format!("{}:{}", fresh_id(), BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; SECRET_BYTES]>()));
    let text = format!(
        "# Made by Comanda at its first start. Keep it secret, and keep it: with it the codes on the tables\n\
         # are signed. config/default.toml says how keys are changed.\n\
         token = [\"{}\"]\nqr = [\"{}\"]\n",
        line(),
        line()
    );
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn fresh_id() -> String {
    format!("{:08x}", rand::random::<u32>())
}

/// Read and written by its owner only.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Makes a new name in a folder survive a power cut. Windows does so by itself, and cannot open a folder.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The keys of a list, with ids that differ.
fn keys(lines: &[SecretString], list: &str) -> Result<Vec<NamedKey>, KeyError> {
    let mut keys: Vec<NamedKey> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let malformed = || KeyError::Malformed { list: list.to_owned(), number: at + 1 };
        let key = key(line.expose_secret()).ok_or_else(malformed)?;
        if keys.iter().any(|other| other.id == key.id) {
            return Err(KeyError::Twice { list: list.to_owned(), id: key.id });
        }
        keys.push(key);
    }
    if keys.is_empty() { Err(KeyError::Empty { list: list.to_owned() }) } else { Ok(keys) }
}

fn key(line: &str) -> Option<NamedKey> {
    let padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let (id, secret) = line.split_once(':')?;
    let secret = GeneralPurpose::new(&URL_SAFE, padding).decode(secret).ok()?;
    let named =
        (1..=ID_CHARS).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    (named && secret.len() >= SECRET_BYTES).then(|| NamedKey { id: id.to_owned(), secret: secret.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn sources(token: &[&str], qr: &[&str], file: &Path) -> KeySources {
        let lines = |lines: &[&str]| lines.iter().map(|line| SecretString::from(*line)).collect();
        KeySources { token: lines(token), qr: lines(qr), file: file.to_owned() }
    }

    fn none() -> KeySources {
        sources(&[], &[], Path::new(""))
    }

    fn ids(keys: &[NamedKey]) -> Vec<&str> {
        keys.iter().map(|key| key.id.as_str()).collect()
    }

    #[test]
    fn first_start_makes_a_private_file_and_later_ones_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        let (token, qr) = none().load(Some(&data)).unwrap();
        assert_eq!((token.len(), qr.len()), (1, 1));
        assert_ne!(token[0].secret.expose_secret(), qr[0].secret.expose_secret());
        let (again, _) = none().load(Some(&data)).unwrap();
        assert_eq!(again[0].secret.expose_secret(), token[0].secret.expose_secret());
        assert_eq!(ids(&again), ids(&token));
        let names: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["keys.toml"], "no draft stays behind");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        none().load(Some(&data)).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data.join("keys.toml")), 0o600);
        assert_eq!(mode(&data), 0o700);
    }

    #[test]
    fn servers_that_start_together_agree_on_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let start = || none().load(Some(folder.path())).unwrap().0[0].secret.expose_secret().to_owned();
        let all: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            starting.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|secret| *secret == all[0]));
    }

    #[test]
    fn postgres_has_no_place_for_a_file_of_its_own() {
        assert!(matches!(none().load(None), Err(KeyError::NotShared)));
        let line = format!("a:{SECRET}");
        assert!(matches!(sources(&[&line], &[], Path::new("")).load(None), Err(KeyError::NotShared)));
        assert!(sources(&[&line], &[&line], Path::new("")).load(None).is_ok());
        let folder = tempfile::tempdir().unwrap();
        assert!(sources(&[], &[], &folder.path().join("shared.toml")).load(None).is_ok());
    }

    #[test]
    fn configured_keys_come_before_the_file_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (format!("new:{SECRET}"), format!("old:{SECRET}="));
        let (token, qr) = sources(&[&new, &old], &[], Path::new("")).load(Some(folder.path())).unwrap();
        assert_eq!(ids(&token), ["new", "old"]);
        assert_eq!(token[0].secret.expose_secret(), (0..32).collect::<Vec<u8>>());
        assert!(folder.path().join("keys.toml").exists());
        assert_eq!(qr.len(), 1);
    }

    #[test]
    fn a_bad_key_is_named_by_its_number_and_never_shown() {
        let good = format!("good:{SECRET}");
        let cases =
            ["", "good", SECRET, ":AAAA", "short:AAAA", "a b:AAAA", &format!("x!:{SECRET}"), &format!("x:{SECRET}/+")];
        for bad in cases {
            let error = keys(&[good.as_str().into(), bad.into()], "keys.token").unwrap_err().to_string();
            assert!(error.starts_with("keys.token, key number 2, must be"), "{error}");
            assert!(!error.contains("AAAA") && !error.contains(SECRET), "{error}");
        }
        let twice = keys(&[good.as_str().into(), good.as_str().into()], "keys.qr").unwrap_err();
        assert_eq!(twice.to_string(), "keys.qr has two keys with the id `good`");
        assert!(!format!("{:?}", keys(&[good.into()], "keys.qr")).contains("AAEC"));
    }

    #[test]
    fn a_broken_file_is_refused_untouched_and_without_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        for broken in
            ["", "token = [SECRET]", "token = [\"a:SECRET\"]", "token = []\nqr = []", "token=[]\nqr=[]\nSECRET=1"]
        {
            std::fs::write(&path, broken).unwrap();
            let error = none().load(Some(folder.path())).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("SECRET"), "{error:?}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
        }
    }
}
