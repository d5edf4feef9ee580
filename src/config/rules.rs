//! What settings must be to each other and to the design's fixed numbers. Checked at start, so that no part of
//! the server meets a bound that makes no sense.

use super::{Config, ConfigError};
use crate::domain::command::is_e164;
use crate::domain::limits::ORDER_BYTES;
use secrecy::ExposeSecret;
use std::time::Duration;

/// A screen that got nothing for this long opens a new socket (W11) …
const SCREEN_SILENCE: Duration = Duration::from_secs(5);
/// … and a phone after this.
const PHONE_SILENCE: Duration = Duration::from_secs(55);
/// A client sends a command again for this long (L4).
const CLIENT_RETRY: Duration = Duration::from_secs(24 * 3600);
/// A hello with the longest token must fit into a message.
const HELLO_BYTES: usize = 8192;

/// The first rule that is broken.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    server(config)?;
    tls(config)?;
    database(config)?;
    bus(config)?;
    sockets(config)?;
    messages(config)?;
    times(config)
}

fn server(config: &Config) -> Result<(), ConfigError> {
    let server = &config.server;
    let url = &server.configured_url;
    rule(url.is_empty() || is_url(url), "server.public_url", "must begin with http:// or https://")?;
    let origins = server.allowed_origins.iter().all(|origin| is_origin(origin));
    rule(origins, "server.allowed_origins", "must be like https://example.com, without a path")?;
    rule(
        server.body_bytes >= ORDER_BYTES,
        "server.body_bytes",
        format!("must be at least {ORDER_BYTES}, the largest order"),
    )?;
    rule(
        server.header_read_timeout <= server.request_timeout,
        "server.header_read_timeout_ms",
        "must not be above server.request_timeout_ms",
    )?;
    rule(
        config.database.command_wait < server.request_timeout,
        "database.command_wait_ms",
        "must be below server.request_timeout_ms, or nobody hears why a command was not taken",
    )
}

fn tls(config: &Config) -> Result<(), ConfigError> {
    let tls = &config.tls;
    let named = |path: &std::path::Path| !path.as_os_str().is_empty();
    rule(named(&tls.certificate) == named(&tls.key), "tls.key", "and tls.certificate go together: one was set alone")?;
    rule(!(tls.local && named(&tls.certificate)), "tls.local", "and tls.certificate cannot both be used")?;
    rule(
        tls.plain_listen.is_none() || tls.source().is_some(),
        "tls.plain_listen",
        "is for plain HTTP beside HTTPS: without a certificate server.listen is plain HTTP",
    )?;
    let plain = config.server.configured_url.starts_with("http://");
    rule(
        !(plain && named(&tls.certificate)),
        "server.public_url",
        "must begin with https:// when there is a certificate",
    )
}

fn database(config: &Config) -> Result<(), ConfigError> {
    let database = &config.database;
    let url = database.url.expose_secret();
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    rule(known, "database.url", "must begin with sqlite: or postgres://")?;
    if let Some(file) = database.sqlite_file() {
        let file = file.to_string_lossy();
        let named = !file.is_empty() && !file.contains(":memory:");
        rule(named, "database.url", "must name a file: a database in memory loses every order with the power")?;
        rule(!file.contains('%'), "database.url", "must not have a percent sign in the name of its file")?;
    }
    rule(database.writers > 0, "database.writers", "must be at least 1")?;
    rule(database.readers > 0, "database.readers", "must be at least 1")
}

fn bus(config: &Config) -> Result<(), ConfigError> {
    let bus = &config.bus;
    let urls = bus.servers.iter().map(ExposeSecret::expose_secret);
    let known = urls.into_iter().all(|url| ["redis://", "rediss://"].iter().any(|scheme| url.starts_with(scheme)));
    rule(known, "bus.redis", "must be URLs that begin with redis:// or rediss://")?;
    rule(
        bus.servers.is_empty() || config.database.sqlite_file().is_none(),
        "bus.redis",
        "is for many nodes on one Postgres: with SQLite there is one node",
    )?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    let named = !bus.prefix.is_empty() && bus.prefix.chars().all(plain);
    rule(named, "bus.prefix", "must be letters, digits and any of - _ . :")
}

fn sockets(config: &Config) -> Result<(), ConfigError> {
    let (socket, ring) = (&config.socket, &config.ring);
    rule(
        socket.message_bytes >= HELLO_BYTES,
        "socket.message_bytes",
        format!("must be at least {HELLO_BYTES}, to hold a token"),
    )?;
    rule(socket.hello_pending_per_address > 0, "socket.hello_pending_per_address", "must be at least 1")?;
    rule(
        socket.messages_burst >= socket.messages_per_second,
        "socket.messages_burst",
        "must not be below socket.messages_per_second",
    )?;
    rule(
        socket.beat_staff * 2 <= SCREEN_SILENCE,
        "socket.beat_staff_ms",
        "must be at most 2500: screens give up after 5 s of silence",
    )?;
    rule(
        socket.beat_guest * 2 <= PHONE_SILENCE,
        "socket.beat_guest_ms",
        "must be at most 27500: phones give up after 55 s of silence",
    )?;
    rule(ring.events > 0, "ring.events", "must be at least 1")?;
    rule(socket.pull_bytes > 0, "socket.pull_bytes", "must be at least 1")?;
    rule(socket.pull_bytes <= ring.bytes, "socket.pull_bytes", "must not be above ring.bytes")?;
    rule(ring.bytes <= ring.node_bytes, "ring.bytes", "must not be above ring.node_bytes")
}

fn messages(config: &Config) -> Result<(), ConfigError> {
    let (twilio, smtp, push) = (&config.twilio, &config.smtp, &config.push);
    rule(is_url(&twilio.api_url), "twilio.api_url", "must begin with http:// or https://")?;
    rule(
        !twilio.is_set() || twilio.is_whole(),
        "twilio.account_sid",
        "needs an auth_token, and a number or a messaging service to send from",
    )?;
    for (key, number) in [("twilio.sms_from", &twilio.sms_from), ("twilio.whatsapp_from", &twilio.whatsapp_from)] {
        rule(number.is_empty() || is_e164(number), key, "must be an international number such as +34600111222")?;
    }
    rule(
        twilio.whatsapp_templates.len() == twilio.templates().len(),
        "twilio.whatsapp_templates",
        "must be like ready.es:HX0123, each kind and language once",
    )?;
    rule(
        smtp.host.is_empty() || smtp.from.contains('@'),
        "smtp.from",
        "must be an address, such as orders@example.com",
    )?;
    let contact = ["mailto:", "https://"].iter().any(|scheme| push.contact.starts_with(scheme));
    rule(
        push.key.expose_secret().is_empty() || contact,
        "push.contact",
        "must begin with mailto: or https://, for those who run push services",
    )?;
    rule(
        config.messages.answer * 5 <= config.messages.lease * 2,
        "messages.lease_ms",
        "must be at least two and a half times messages.answer_ms: a message that takes longer counts as abandoned",
    )?;
    rule(
        config.messages.backoff <= config.messages.backoff_most,
        "messages.backoff_ms",
        "must not be above messages.backoff_most_ms",
    )
}

fn times(config: &Config) -> Result<(), ConfigError> {
    let (tokens, retention) = (&config.tokens, &config.retention);
    rule(tokens.access < tokens.refresh, "tokens.access_minutes", "must be shorter than tokens.refresh_days")?;
    rule(
        retention.state <= retention.events,
        "retention.state_hours",
        "must not be longer than retention.events_days",
    )?;
    rule(
        retention.commands > CLIENT_RETRY,
        "retention.commands_days",
        "must be at least 2: phones try again for 24 hours, and would order twice",
    )?;
    rule(retention.prune_batch > 0, "retention.prune_batch", "must be at least 1")?;
    rule(config.alarm.batch > 0, "alarm.batch", "must be at least 1")
}

fn rule(holds: bool, key: &'static str, rule: impl Into<String>) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::Rule { key, rule: rule.into() }) }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

/// As browsers send it (RFC 6454 §6.2): lower case, no path.
fn is_origin(text: &str) -> bool {
    is_url(text) && text.matches('/').count() == 2 && !text.chars().any(|c| c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variable: &str, value: &str, words: Option<&str>) {
        let checked = Config::from_parts(None, [(format!("COMANDA_{variable}"), value.to_owned())]);
        match (checked, words) {
            (Ok(_), None) => {}
            (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
            (Ok(_), Some(words)) => panic!("{variable}={value} was taken, but {words}"),
            (Err(error), None) => panic!("{error}"),
        }
    }

    #[test]
    fn limits_that_contradict_each_other_are_refused() {
        check("SOCKET__PULL_BYTES", "262144", None);
        check("SOCKET__PULL_BYTES", "262145", Some("`socket.pull_bytes` must not be above ring.bytes"));
        check("RING__NODE_BYTES", "262143", Some("`ring.bytes` must not be above ring.node_bytes"));
        check("SERVER__BODY_BYTES", "24575", Some("`server.body_bytes` must be at least 24576"));
        check("SERVER__REQUEST_TIMEOUT_MS", "5000", Some("`database.command_wait_ms` must be below"));
        check("SERVER__REQUEST_TIMEOUT_MS", "1999", Some("`server.header_read_timeout_ms` must not be above"));
        check("SOCKET__MESSAGES_BURST", "19", Some("`socket.messages_burst` must not be below"));
        check("SOCKET__MESSAGE_BYTES", "8191", Some("`socket.message_bytes` must be at least 8192"));
        check("SOCKET__BEAT_STAFF_MS", "2501", Some("`socket.beat_staff_ms` must be at most 2500"));
        check("SOCKET__BEAT_GUEST_MS", "27501", Some("`socket.beat_guest_ms` must be at most 27500"));
        check("TOKENS__ACCESS_MINUTES", "43200", Some("`tokens.access_minutes` must be shorter"));
        check("RETENTION__STATE_HOURS", "2161", Some("`retention.state_hours` must not be longer"));
        check("RETENTION__COMMANDS_DAYS", "1", Some("`retention.commands_days` must be at least 2"));
    }

    #[test]
    fn nothing_that_counts_may_be_nothing() {
        for key in ["SOCKET__HELLO_MS", "TOKENS__GUEST_HOURS", "LIMITS__STAFF_REQUESTS", "SOCKET__MESSAGES_PER_SECOND"]
        {
            check(key, "0", Some("nonzero"));
            check(key, "-1", Some(&key.to_lowercase().replace("__", ".")));
        }
        for key in ["DATABASE__WRITERS", "DATABASE__READERS", "RING__EVENTS", "ALARM__BATCH", "RETENTION__PRUNE_BATCH"]
        {
            check(key, "0", Some("must be at least 1"));
        }
    }

    #[test]
    fn certificates_come_whole_and_from_one_place() {
        let config =
            |lines: &str| Config::from_parts(Some(("my.toml", lines)), []).map(drop).map_err(|e| e.to_string());
        let files = "[tls]\ncertificate = \"a\"\nkey = \"b\"\n";
        assert_eq!(config(files), Ok(()));
        assert_eq!(config("[tls]\nlocal = true\nplain_listen = \"0.0.0.0:8080\""), Ok(()));
        let refused = |lines: &str| config(lines).unwrap_err();
        assert!(refused("[tls]\ncertificate = \"a\"").starts_with("`tls.key` and tls.certificate go together"));
        assert!(refused(&format!("{files}local = true")).starts_with("`tls.local` and tls.certificate"));
        assert!(refused("[tls]\nplain_listen = \"0.0.0.0:8080\"").starts_with("`tls.plain_listen` is for"));
        assert!(refused("[tls]\nplain_listen = \"here\"").contains("`tls.plain_listen` in my.toml"));
        let plain = format!("{files}[server]\npublic_url = \"http://a.example\"");
        assert!(refused(&plain).starts_with("`server.public_url` must begin with https://"));
    }

    #[test]
    fn a_database_is_a_file_or_postgres() {
        for url in
            ["sqlite:a.db", "sqlite:///var/lib/a.db?mode=rwc", "postgres://a@b/c", "postgresql:///c?host=/tmp/x%20y"]
        {
            check("DATABASE__URL", url, None);
        }
        for url in ["mysql://a@b/c", "", "a.db"] {
            check("DATABASE__URL", url, Some("`database.url` must begin with"));
        }
        for url in ["sqlite:", "sqlite::memory:", "sqlite://:memory:", "sqlite://?mode=memory"] {
            check("DATABASE__URL", url, Some("`database.url` must name a file"));
        }
        check("DATABASE__URL", "sqlite:a%20b.db", Some("percent sign"));
    }

    #[test]
    fn urls_and_origins_look_like_what_browsers_send() {
        check("SERVER__PUBLIC_URL", "https://order.example.com/", None);
        for url in ["order.example.com", "ftp://x", "https://", "https:///x", "https://a b"] {
            check("SERVER__PUBLIC_URL", url, Some("`server.public_url` must begin"));
        }
        check("SERVER__ALLOWED_ORIGINS", "https://a.example,http://localhost:5173", None);
        for origin in ["a.example", "https://a.example/", "https://A.example", "*"] {
            check("SERVER__ALLOWED_ORIGINS", origin, Some("`server.allowed_origins` must be like"));
        }
    }
}
