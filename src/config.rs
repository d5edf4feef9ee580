//! The configuration: the only reader of files and of the environment.
//! `config/default.toml` explains every key; here they get their types. `app` loads it once and hands each room
//! the values that room needs; nobody else reads a setting, and no default is written anywhere else.

pub mod certificates;
pub mod copies;
pub mod ip_net;
pub mod keys;
mod layers;
mod lock;
mod messages;
mod rules;

pub use ip_net::IpNet;
use keys::{KeyError, KeySources, NamedKey};
use layers::Place;
pub use lock::Lock;
pub use messages::{Messages, Privacy, Push, Smtp, Twilio};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All settings, checked. Printing it shows no secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub tls: Tls,
    pub database: Database,
    pub bus: Bus,
    pub keys: KeySources,
    pub tokens: Tokens,
    pub socket: Socket,
    pub ring: Ring,
    pub limits: Limits,
    pub retention: Retention,
    pub alarm: Alarm,
    pub messages: Messages,
    pub twilio: Twilio,
    pub smtp: Smtp,
    pub push: Push,
    pub log: Log,
}

impl Config {
    /// The defaults, under the file at `path` (or at `COMANDA_CONFIG`), under the environment.
    ///
    /// # Errors
    /// Names the key, and where it was set.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let variables = layers::variables()?;
        let named = variables.iter().find(|(name, path)| name == layers::FILE_VARIABLE && !path.is_empty());
        let path = path.map(Path::to_owned).or_else(|| named.map(|(_, path)| PathBuf::from(path)));
        let file = path.map(layers::read).transpose()?;
        Self::from_parts(file.as_ref().map(|(name, text)| (name.as_str(), text.as_str())), variables)
    }

    /// As [`Config::load`], from a file's name and text and the variables of an environment.
    pub fn from_parts(
        file: Option<(&str, &str)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let config: Self = layers::merged(file, variables)?.typed()?;
        rules::check(&config)?;
        Ok(config)
    }

    /// The keys for tokens and the keys for table codes, in this order, each at least one. What is not
    /// configured is read from the key file, which is made at first start.
    ///
    /// # Errors
    /// A malformed key, a file that cannot be read or made, or Postgres without shared keys.
    pub fn keys(&self) -> Result<(Vec<NamedKey>, Vec<NamedKey>), ConfigError> {
        Ok(self.keys.load(self.database.data_dir().as_deref())?)
    }
}

impl Config {
    /// The folder of the local authority; nothing where the server has no place of its own.
    #[must_use]
    pub fn authority_folder(&self) -> Option<PathBuf> {
        if self.tls.folder.as_os_str().is_empty() {
            self.database.data_dir().map(|folder| folder.join("tls"))
        } else {
            Some(self.tls.folder.clone())
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    #[serde(rename = "public_url")]
    configured_url: String,
    pub allowed_origins: Vec<String>,
    pub trusted_proxies: Vec<IpNet>,
    #[serde(rename = "header_read_timeout_ms", deserialize_with = "millis")]
    pub header_read_timeout: Duration,
    #[serde(rename = "request_timeout_ms", deserialize_with = "millis")]
    pub request_timeout: Duration,
    pub body_bytes: usize,
    #[serde(rename = "drain_ms", deserialize_with = "millis")]
    pub drain: Duration,
}

impl Server {
    /// What links begin with, without a slash at the end; `None`: the address where the server listens.
    #[must_use]
    pub fn public_url(&self) -> Option<String> {
        let url = self.configured_url.trim_end_matches('/');
        (!url.is_empty()).then(|| url.to_owned())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub local: bool,
    pub names: Vec<String>,
    folder: PathBuf,
    #[serde(deserialize_with = "maybe_address")]
    pub plain_listen: Option<SocketAddr>,
    #[serde(rename = "look_seconds", deserialize_with = "seconds")]
    pub look: Duration,
}

/// Where a server's certificate comes from.
pub enum Source<'a> {
    Files { certificate: &'a Path, key: &'a Path },
    Local,
}

impl Tls {
    /// `None`: no HTTPS.
    #[must_use]
    pub fn source(&self) -> Option<Source<'_>> {
        if self.local {
            return Some(Source::Local);
        }
        let (certificate, key) = (&self.certificate, &self.key);
        (!certificate.as_os_str().is_empty()).then_some(Source::Files { certificate, key })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// May hold a password.
    pub url: SecretString,
    pub writers: u32,
    pub readers: u32,
    #[serde(rename = "command_wait_ms", deserialize_with = "millis")]
    pub command_wait: Duration,
}

impl Database {
    /// The file of an SQLite database; nothing for Postgres.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let rest = self.url.expose_secret().strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }

    /// Where the server keeps files of its own: the folder of the SQLite file; nothing for Postgres.
    #[must_use]
    pub fn data_dir(&self) -> Option<PathBuf> {
        let file = self.sqlite_file()?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).to_owned())
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bus {
    /// URLs of Redis servers, which may hold passwords; none: this is the only node.
    #[serde(rename = "redis")]
    pub servers: Vec<SecretString>,
    pub prefix: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    #[serde(rename = "access_minutes", deserialize_with = "minutes")]
    pub access: Duration,
    #[serde(rename = "refresh_days", deserialize_with = "days")]
    pub refresh: Duration,
    #[serde(rename = "guest_hours", deserialize_with = "hours")]
    pub guest: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    #[serde(rename = "hello_ms", deserialize_with = "millis")]
    pub hello: Duration,
    pub hello_pending_per_address: u32,
    pub handshakes_per_second: NonZeroU32,
    pub handshakes_burst: NonZeroU32,
    pub message_bytes: usize,
    pub messages_per_second: NonZeroU32,
    pub messages_burst: NonZeroU32,
    #[serde(rename = "beat_staff_ms", deserialize_with = "millis")]
    pub beat_staff: Duration,
    #[serde(rename = "beat_guest_ms", deserialize_with = "millis")]
    pub beat_guest: Duration,
    #[serde(rename = "write_stall_ms", deserialize_with = "millis")]
    pub write_stall: Duration,
    pub pull_bytes: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    pub events: usize,
    pub bytes: usize,
    pub node_bytes: usize,
}

/// Requests a minute, and the same number at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub scans_per_address: NonZeroU32,
    pub orders_per_guest: NonZeroU32,
    pub orders_per_table: NonZeroU32,
    pub orders_per_restaurant: NonZeroU32,
    pub requests_per_guest: NonZeroU32,
    pub login_per_account: NonZeroU32,
    pub login_per_address: NonZeroU32,
    pub staff_requests: NonZeroU32,
    pub wrong_per_account: NonZeroU32,
    pub wrong_per_address: NonZeroU32,
    #[serde(rename = "wrong_minutes", deserialize_with = "minutes")]
    pub wrong_within: Duration,
    pub pairings_per_address: NonZeroU32,
    pub pairings: NonZeroU32,
    pub codes_per_phone: NonZeroU32,
    pub codes_per_address: NonZeroU32,
    pub codes_per_restaurant: NonZeroU32,
    pub codes: NonZeroU32,
    #[serde(rename = "codes_minutes", deserialize_with = "minutes")]
    pub codes_within: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    #[serde(rename = "state_hours", deserialize_with = "hours")]
    pub state: Duration,
    #[serde(rename = "events_days", deserialize_with = "days")]
    pub events: Duration,
    #[serde(rename = "commands_days", deserialize_with = "days")]
    pub commands: Duration,
    pub prune_batch: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    #[serde(rename = "every_ms", deserialize_with = "millis")]
    pub every: Duration,
    pub batch: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    #[serde(deserialize_with = "log_format")]
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Why the server cannot start with these settings. It never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {path} cannot be read")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the environment variable {0} is not text")]
    NotText(String),
    #[error("{name} is not valid TOML: {why}")]
    NotToml { name: String, why: String },
    #[error("unknown key `{key}` {place}")]
    UnknownKey { key: String, place: Place },
    #[error("unknown variable {variable}: section and key are parted by two underscores: {meant}")]
    OneUnderscore { variable: String, meant: String },
    #[error("`{key}` {place} must be {expected}")]
    WrongType { key: String, place: Place, expected: &'static str },
    #[error("{why} {place}")]
    WrongValue { why: Box<::config::ConfigError>, place: Place },
    #[error("`{key}` {rule}")]
    Rule { key: &'static str, rule: String },
    #[error(transparent)]
    Keys(#[from] KeyError),
}

fn millis<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    whole::<1, D>(value).map(Duration::from_millis)
}

fn minutes<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    whole::<60, D>(value).map(Duration::from_secs)
}

fn hours<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    whole::<3600, D>(value).map(Duration::from_secs)
}

fn days<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    whole::<86_400, D>(value).map(Duration::from_secs)
}

/// A length of time above nothing, in smaller units: no wait is endless, and none is skipped.
fn whole<'de, const UNITS: u64, D: Deserializer<'de>>(value: D) -> Result<u64, D::Error> {
    let count = u64::from(NonZeroU32::deserialize(value)?.get());
    count.checked_mul(UNITS).ok_or_else(|| D::Error::custom("a length of time that cannot be counted"))
}

fn seconds<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    whole::<1, D>(value).map(Duration::from_secs)
}

/// An address, or nothing for an empty text.
fn maybe_address<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(value)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

fn log_format<'de, D: Deserializer<'de>>(value: D) -> Result<LogFormat, D::Error> {
    match String::deserialize(value)?.as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(D::Error::custom(format!("`{other}` is neither text nor json"))),
    }
}

#[cfg(test)]
mod tests;
