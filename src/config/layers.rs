//! The layers of the configuration: the defaults, a file over them, the environment over both.
//! The defaults are also the list of the keys there are, and of their types: whatever another layer sets must be
//! one of them and look like it. So a typing error is found here, with the place where it was made.

use super::ConfigError;
use ::config::{File, FileFormat, Source, Value, ValueKind};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

pub const DEFAULTS: &str = include_str!("../../config/default.toml");
const DEFAULTS_NAME: &str = "config/default.toml";
/// Names the file, and is the one variable that is no key.
pub const FILE_VARIABLE: &str = "COMANDA_CONFIG";
const PREFIX: &str = "COMANDA_";
const PARTED: &str = "__";

/// Section, then key.
type Layer = HashMap<String, HashMap<String, Value>>;

/// Where a key was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    File(String),
    /// The variable's name.
    Environment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "in {name}"),
            Self::Environment(variable) => write!(f, "in the environment ({variable})"),
        }
    }
}

/// The variables that are ours. They must be text.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variables() -> Result<Vec<(String, String)>, ConfigError> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError::NotText(name)),
        })
        .collect()
}

/// A configuration file's name and text.
pub fn read(path: PathBuf) -> Result<(String, String), ConfigError> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(source) => Err(ConfigError::Unreadable { path: name, source }),
    }
}

/// All layers in one, and where each key was set that is not as it was.
pub struct Merged {
    layer: Layer,
    places: HashMap<String, Place>,
}

/// Lays the file over the defaults, and the environment over both.
pub fn merged(
    file: Option<(&str, &str)>,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Merged, ConfigError> {
    let known = parsed(DEFAULTS_NAME, DEFAULTS)?;
    let mut merged = Merged { layer: known.clone(), places: HashMap::new() };
    if let Some((name, text)) = file {
        for (section, keys) in parsed(name, text)? {
            for (key, value) in keys {
                merged.set(&known, (&section, &key), value, Place::File(name.to_owned()))?;
            }
        }
    }
    for (variable, text) in variables.into_iter().filter(|(name, _)| name != FILE_VARIABLE) {
        let Some((section, key)) = key_of(&variable, &known)? else { continue };
        let value = typed(text, known.get(&section).and_then(|keys| keys.get(&key)));
        merged.set(&known, (&section, &key), value, Place::Environment(variable))?;
    }
    Ok(merged)
}

impl Merged {
    /// Sets a key that is known to a value of its type.
    fn set(
        &mut self,
        known: &Layer,
        (section, key): (&str, &str),
        value: Value,
        place: Place,
    ) -> Result<(), ConfigError> {
        let full = format!("{section}.{key}");
        let Some(default) = known.get(section).and_then(|keys| keys.get(key)) else {
            return Err(ConfigError::UnknownKey { key: full, place });
        };
        if let Some(expected) = mismatch(&default.kind, &value.kind) {
            return Err(ConfigError::WrongType { key: full, place, expected });
        }
        self.layer.entry(section.to_owned()).or_default().insert(key.to_owned(), value);
        self.places.insert(full, place);
        Ok(())
    }

    /// As the types that the rest of the server sees.
    pub fn typed<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        Value::from(self.layer).try_deserialize().map_err(|why| {
            let key = match &why {
                ::config::ConfigError::At { key, .. } | ::config::ConfigError::Type { key, .. } => key.as_deref(),
                _ => None,
            };
            let key = key.unwrap_or_default().split('[').next().unwrap_or_default();
            let place = self.places.get(key).cloned().unwrap_or_else(|| Place::File(DEFAULTS_NAME.to_owned()));
            ConfigError::WrongValue { why: Box::new(why), place }
        })
    }
}

/// A TOML text of sections. What is wrong is told without the line, which may hold a secret.
fn parsed(name: &str, text: &str) -> Result<Layer, ConfigError> {
    let source = File::from_str(text, FileFormat::Toml);
    let sections =
        source.collect().map_err(|error| ConfigError::NotToml { name: name.to_owned(), why: bare(&error) })?;
    let mut layer = Layer::new();
    for (section, value) in sections {
        let ValueKind::Table(keys) = value.kind else {
            return Err(ConfigError::UnknownKey { key: section, place: Place::File(name.to_owned()) });
        };
        layer.insert(section, keys.into_iter().collect());
    }
    Ok(layer)
}

/// An error of the TOML parser without the lines that quote the text, which have a bar.
fn bare(error: &::config::ConfigError) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| !line.contains('|')).collect();
    lines.join(": ")
}

/// Section and key that a variable means. Names without two underscores are not ours (Kubernetes makes
/// `COMANDA_SERVICE_HOST` for a service of that name), unless one was forgotten.
fn key_of(variable: &str, known: &Layer) -> Result<Option<(String, String)>, ConfigError> {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable).to_lowercase();
    if let Some((section, key)) = name.split_once(PARTED) {
        return Ok(Some((section.to_owned(), key.to_owned())));
    }
    let keys = known.iter().flat_map(|(section, keys)| keys.keys().map(move |key| (section, key)));
    match keys.into_iter().find(|(section, key)| name == format!("{section}_{key}")) {
        None => Ok(None),
        Some((section, key)) => Err(ConfigError::OneUnderscore {
            variable: variable.to_owned(),
            meant: format!("{PREFIX}{section}{PARTED}{key}").to_uppercase(),
        }),
    }
}

/// A variable's text as the type that its key has. A text stays as it is, even if it is all digits; what cannot
/// be turned into its type stays a text too, and is refused as that.
fn typed(text: String, default: Option<&Value>) -> Value {
    let kind = match default.map(|default| &default.kind) {
        Some(ValueKind::I64(_)) => text.trim().parse().map_or(ValueKind::String(text), ValueKind::I64),
        Some(ValueKind::Boolean(_)) => text.trim().parse().map_or(ValueKind::String(text), ValueKind::Boolean),
        Some(ValueKind::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            ValueKind::Array(items.map(Value::from).collect())
        }
        _ => ValueKind::String(text),
    };
    Value::new(None, kind)
}

/// What a value should have been, if it is not that. All lists are lists of texts.
fn mismatch(default: &ValueKind, value: &ValueKind) -> Option<&'static str> {
    match (default, value) {
        (ValueKind::I64(_), ValueKind::I64(_))
        | (ValueKind::Boolean(_), ValueKind::Boolean(_))
        | (ValueKind::String(_), ValueKind::String(_)) => None,
        (ValueKind::Array(_), ValueKind::Array(items)) => {
            let texts = items.iter().all(|item| matches!(item.kind, ValueKind::String(_)));
            (!texts).then_some("a list of texts")
        }
        (ValueKind::I64(_), _) => Some("a whole number"),
        (ValueKind::Boolean(_), _) => Some("true or false"),
        (ValueKind::Array(_), _) => Some("a list of texts"),
        _ => Some("a text"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn from_file(text: &str) -> Result<Config, ConfigError> {
        Config::from_parts(Some(("my.toml", text)), [])
    }

    fn from_variable(name: &str, value: &str) -> Result<Config, ConfigError> {
        Config::from_parts(None, [(name.to_owned(), value.to_owned())])
    }

    #[track_caller]
    fn refused(config: Result<Config, ConfigError>, words: &str) {
        assert_eq!(config.unwrap_err().to_string(), words);
    }

    #[test]
    fn the_environment_lies_over_the_file_over_the_defaults() {
        let file = "[ring]\nevents = 7\nbytes = 100000";
        let config =
            Config::from_parts(Some(("my.toml", file)), [("COMANDA_RING__EVENTS".into(), "8".into())]).unwrap();
        assert_eq!((config.ring.events, config.ring.bytes, config.ring.node_bytes), (8, 100_000, 268_435_456));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place() {
        refused(from_file("[server]\nlisten_on = \"x\""), "unknown key `server.listen_on` in my.toml");
        refused(from_file("[sever]\nlisten = \"x\""), "unknown key `sever.listen` in my.toml");
        refused(from_file("listen = \"x\""), "unknown key `listen` in my.toml");
        refused(
            from_variable("COMANDA_SERVER__LISTEN_ON", "x"),
            "unknown key `server.listen_on` in the environment (COMANDA_SERVER__LISTEN_ON)",
        );
    }

    #[test]
    fn a_forgotten_underscore_is_pointed_out_and_foreign_variables_are_not_ours() {
        refused(
            from_variable("COMANDA_SERVER_BODY_BYTES", "1"),
            "unknown variable COMANDA_SERVER_BODY_BYTES: section and key are parted by two underscores: \
             COMANDA_SERVER__BODY_BYTES",
        );
        assert!(from_variable("COMANDA_SERVICE_HOST", "10.0.0.1").is_ok());
        assert!(from_variable("COMANDA_CONFIG", "my.toml").is_ok());
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        refused(from_file("[ring]\nevents = \"7\""), "`ring.events` in my.toml must be a whole number");
        refused(from_file("[ring]\nevents = 1.5"), "`ring.events` in my.toml must be a whole number");
        refused(from_file("[ring]\nevents = true"), "`ring.events` in my.toml must be a whole number");
        refused(from_file("[server]\npublic_url = 5"), "`server.public_url` in my.toml must be a text");
        refused(from_file("[keys]\ntoken = \"a:b\""), "`keys.token` in my.toml must be a list of texts");
        refused(from_file("[keys]\ntoken = [1]"), "`keys.token` in my.toml must be a list of texts");
        refused(
            from_variable("COMANDA_RING__EVENTS", "many"),
            "`ring.events` in the environment (COMANDA_RING__EVENTS) must be a whole number",
        );
    }

    #[test]
    fn a_text_of_digits_in_the_environment_stays_as_it_is() {
        for text in ["007", "1e5", "true", "12345678901234567890"] {
            let config = from_variable("COMANDA_LOG__FILTER", text).unwrap();
            assert_eq!(config.log.filter, text);
        }
    }

    #[test]
    fn a_list_in_the_environment_has_commas() {
        let config = from_variable("COMANDA_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1").unwrap();
        let shown: Vec<String> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/8", "::1/128"]);
        assert!(from_variable("COMANDA_SERVER__TRUSTED_PROXIES", "").unwrap().server.trusted_proxies.is_empty());
    }

    #[test]
    fn broken_toml_is_told_without_the_line() {
        let error = from_file("[keys]\ntoken = [\"a:SECRET]\n").unwrap_err().to_string();
        assert!(error.starts_with("my.toml is not valid TOML: TOML parse error at line 2"), "{error}");
        assert!(!error.contains("SECRET"), "{error}");
    }

    #[test]
    fn every_default_is_explained() {
        let lines: Vec<&str> = DEFAULTS.lines().collect();
        let told = |at: usize| lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.starts_with('['));
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" = ") && !line.starts_with('#')) {
            assert!(told(at).any(|above| above.starts_with('#')), "no comment above: {line}");
        }
    }
}
