//! Settings: what is built in, what overrides what, and what is refused.

use super::*;

fn with(key: &str, value: &str) -> Config {
    Config::from_parts(None, [(format!("COMANDA_{key}"), value.to_owned())]).unwrap()
}

#[test]
fn the_defaults_are_whole_and_hold_together() {
    let config = Config::from_parts(None, []).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.header_read_timeout, Duration::from_secs(2));
    assert_eq!(config.tokens.access, Duration::from_secs(900));
    assert_eq!(config.tokens.refresh, Duration::from_secs(30 * 86_400));
    assert_eq!(config.tokens.guest, Duration::from_secs(12 * 3600));
    assert_eq!(config.log.format, LogFormat::Text);
}

#[test]
fn a_file_is_read_and_a_missing_one_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    let missing = Config::load(Some(&path)).unwrap_err();
    assert!(missing.to_string().contains("my.toml cannot be read"), "{missing}");
    std::fs::write(&path, "[alarm]\nbatch = 3").unwrap();
    assert_eq!(Config::load(Some(&path)).unwrap().alarm.batch, 3);
}

#[test]
fn links_begin_with_the_public_url_or_the_address() {
    assert_eq!(with("SERVER__LISTEN", "[::1]:90").server.public_url(), None);
    assert_eq!(
        with("SERVER__PUBLIC_URL", "https://a.example/").server.public_url().as_deref(),
        Some("https://a.example")
    );
}

#[test]
fn the_servers_own_files_lie_beside_the_database() {
    for (url, folder) in [
        ("sqlite:data/comanda.db", Some("data")),
        ("sqlite:///var/lib/comanda/a.db?mode=rwc", Some("/var/lib/comanda")),
        ("sqlite://a.db", Some(".")),
        ("postgres://me@host/comanda", None),
    ] {
        assert_eq!(with("DATABASE__URL", url).database.data_dir(), folder.map(PathBuf::from), "{url}");
    }
}

#[test]
fn secrets_do_not_print() {
    let file =
        "[database]\nurl = \"postgres://me:hunter2@host/name\"\n[keys]\ntoken = [\"a:hunter2\"]\nqr = [\"b:hunter2\"]";
    let config = Config::from_parts(Some(("my.toml", file)), []).unwrap();
    let printed = format!("{config:?} {:?}", config.keys());
    assert!(printed.contains("REDACTED") && !printed.contains("hunter2"), "{printed}");
}

#[test]
fn a_value_out_of_range_is_named_with_its_key_and_place() {
    let variable = |name: &str, value: &str| {
        let wrong = Config::from_parts(None, [(name.to_owned(), value.to_owned())]);
        wrong.unwrap_err().to_string()
    };
    assert_eq!(
        variable("COMANDA_SERVER__LISTEN", "localhost"),
        "invalid socket address syntax for key `server.listen` in the environment (COMANDA_SERVER__LISTEN)",
    );
    assert_eq!(
        variable("COMANDA_SERVER__TRUSTED_PROXIES", "::1,lo"),
        "`lo` is neither an IP address nor a network such as 10.0.0.0/8 for key `server.trusted_proxies[1]` \
         in the environment (COMANDA_SERVER__TRUSTED_PROXIES)",
    );
    let file = Config::from_parts(Some(("my.toml", "[log]\nformat = \"xml\"")), []).unwrap_err().to_string();
    assert!(file.contains("`xml`") && file.ends_with("for key `log.format` in my.toml"), "{file}");
}
