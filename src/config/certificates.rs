//! The files of certificates: what an operator brought, and what the local authority made. Keys are readable by their
//! owner only, and a file is there whole or not at all. What is in them is `identity`'s business.

use super::keys::{private, private_folder, sync_folder};
use secrecy::{ExposeSecret, SecretString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A chain is a few thousand bytes; another file of that name is not read.
const FILE_BYTES: u64 = 256 * 1024;
const AUTHORITY: &str = "authority.pem";
const AUTHORITY_KEY: &str = "authority.key";
const SERVER: &str = "server.pem";

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
#[error("{path}")]
pub struct CertificateError {
    pub path: PathBuf,
    pub source: io::Error,
}

/// A certificate and its key, in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: SecretString,
}

/// What an operator brought.
///
/// # Errors
/// A file that is not there, or not text.
pub fn read_pair(certificate: &Path, key: &Path) -> Result<Pair, CertificateError> {
    Ok(Pair { certificate: read(certificate)?, key: read(key)?.into() })
}

/// Where the local authority lives.
pub struct Folder(PathBuf);

impl Folder {
    #[must_use]
    pub fn of(path: PathBuf) -> Self {
        Self(path)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The authority's certificate, which everybody may have.
    #[must_use]
    pub fn authority_path(&self) -> PathBuf {
        self.0.join(AUTHORITY)
    }

    /// The authority, if one was made.
    ///
    /// # Errors
    /// Half of one, or files that cannot be read.
    pub fn authority(&self) -> Result<Option<Pair>, CertificateError> {
        if !self.authority_path().exists() {
            return Ok(None);
        }
        read_pair(&self.authority_path(), &self.0.join(AUTHORITY_KEY)).map(Some)
    }

    /// Keeps a new authority. One that is there is never written over: devices trust it.
    ///
    /// # Errors
    /// When the folder cannot be written, or there is one.
    pub fn keep_authority(&self, certificate: &str, key: &SecretString) -> Result<(), CertificateError> {
        private_folder(&self.0).map_err(at(&self.0))?;
        let (key_path, path) = (self.0.join(AUTHORITY_KEY), self.authority_path());
        // The certificate comes last: with it the authority is there. A key without one was left by somebody who was
        // interrupted, and nothing was ever signed with it.
        if !path.exists() && key_path.exists() {
            fs::remove_file(&key_path).map_err(at(&key_path))?;
        }
        make(&key_path, key.expose_secret()).map_err(at(&key_path))?;
        make(&path, certificate).map_err(at(&path))?;
        sync_folder(&self.0).map_err(at(&self.0))
    }

    /// The server's certificate with its key, in one text, if there is one.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn server(&self) -> Result<Option<SecretString>, CertificateError> {
        let path = self.0.join(SERVER);
        if path.exists() { read(&path).map(|text| Some(text.into())) } else { Ok(None) }
    }

    /// Puts a new certificate, with its key, in the place of the old.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn keep_server(&self, certificate: &str, key: &SecretString) -> Result<(), CertificateError> {
        let path = self.0.join(SERVER);
        let draft = self.0.join(format!(".{SERVER}.{:08x}", rand::random::<u32>()));
        let kept = make(&draft, &format!("{certificate}{}", key.expose_secret()))
            .and_then(|()| fs::rename(&draft, &path))
            .and_then(|()| sync_folder(&self.0));
        if kept.is_err() {
            drop(fs::remove_file(&draft));
        }
        kept.map_err(at(&path))
    }
}

fn read(path: &Path) -> Result<String, CertificateError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_string(&mut text));
    read.map(|_| text).map_err(at(path))
}

/// A new file of its owner only.
fn make(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> CertificateError {
    let path = path.to_owned();
    move |source| CertificateError { path, source }
}
