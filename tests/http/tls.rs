//! HTTPS: pages, logins and sockets over TLS for those who trust the certificate, and for nobody else; certificates that
//! are renewed and replaced while sockets live.

use crate::harness::SOON;
use crate::harness::people::Person;
use crate::harness::restaurant::{self, PASSWORD};
use crate::harness::run;
use crate::harness::server::{Kind, Place, TestServer, client};
use comanda::app;
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use futures_util::{SinkExt, StreamExt};
use reqwest::Certificate;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

const LOCAL: &str = "[tls]\nlocal = true\nplain_listen = \"127.0.0.1:0\"\nlook_seconds = 1\n";
const DAY: Duration = Duration::from_secs(86_400);

/// A browser that was told to trust this authority, and trusts no other.
fn trusting(authority: &str) -> reqwest::Client {
    let root = Certificate::from_pem(authority.as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).timeout(SOON).build().unwrap()
}

/// A server over HTTPS, and the authority's certificate. `made_at`: when its certificate was made.
async fn serve(place: Place, lines: &str, made_at: Timestamp) -> (TestServer, String) {
    drop(client());
    let config = place.config(lines);
    let made = app::tls::make(&config, made_at).unwrap();
    let authority = std::fs::read_to_string(made.authority).unwrap();
    let server = app::start(&config, Clock::system()).await.unwrap();
    let fixture = restaurant::fixture("olive", GateRule::None);
    restaurant::create(&server.commands.store, &fixture).await;
    let base = format!("https://{}", server.address);
    let client = trusting(&authority);
    (TestServer { place, server: Some(server), base, fixture, client }, authority)
}

async fn handshake(server: &TestServer, authority: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let address = server.app().address;
    let stream = TcpStream::connect(address).await?;
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(ServerName::from(address.ip()), stream).await
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

async fn socket(server: &TestServer, authority: &str, person: &Person) -> Socket {
    let url = format!("wss://{}/ws/{}", server.app().address, person.slug);
    let stream = handshake(server, authority).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
    say(&mut socket, json!({ "op": "hello", "token": person.token, "protocol": 1 })).await;
    hear(&mut socket, "welcome").await;
    say(&mut socket, json!({ "op": "subscribe", "topic": "kitchen" })).await;
    hear(&mut socket, "subscribed").await;
    socket
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

async fn hear(socket: &mut Socket, op: &str) -> Value {
    let heard = async {
        loop {
            let message = socket.next().await.unwrap_or_else(|| panic!("the socket ended before {op}"));
            let message = message.unwrap_or_else(|error| panic!("the socket broke before {op}: {error}"));
            assert!(!message.is_close(), "the socket was closed before {op}: {message}");
            let value: Value = serde_json::from_str(message.to_text().unwrap()).unwrap_or_default();
            if value["op"] == op {
                return value;
            }
        }
    };
    tokio::time::timeout(SOON, heard).await.unwrap()
}

/// A guest's order arrives over the socket.
async fn order_arrives(server: &TestServer, socket: &mut Socket) {
    let guest = server.guest(0).await;
    let place = guest.client.post(server.url("/api/orders")).bearer_auth(&guest.token).json(&server.draft());
    let answer = place.header("idempotency-key", uuid::Uuid::new_v4().to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let placed: Value = answer.json().await.unwrap();
    while hear(socket, "event").await["order"]["id"] != placed["id"] {}
}

async fn cookie_of(client: &reqwest::Client, server: &TestServer, base: &str) -> String {
    let body = json!({ "email": server.fixture.email(Role::Kitchen), "password": PASSWORD });
    let answer = client.post(format!("{base}/api/auth/login")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.headers()["set-cookie"].to_str().unwrap().to_owned()
}

#[test]
fn who_trusts_the_local_authority_has_everything_over_tls_and_others_nothing() {
    run(async {
        let place = Place::new(Kind::Sqlite);
        let (server, authority) = serve(place, LOCAL, Clock::system().now()).await;
        let page = server.client.get(server.url("/kitchen/olive")).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(!page.headers().contains_key("strict-transport-security"), "/trust must stay reachable over HTTP");
        assert!(cookie_of(&server.client, &server, &server.base).await.contains("; Secure"));

        let cook = server.staff(Role::Kitchen).await;
        let mut socket = socket(&server, &authority, &cook).await;
        for _ in 0..3 {
            order_arrives(&server, &mut socket).await;
        }

        let stranger = client().get(server.url("/healthz")).send().await;
        assert!(stranger.unwrap_err().is_connect(), "a device that was not told does not trust it");
        let place = Place::new(Kind::Sqlite);
        let other = app::tls::make(&place.config(LOCAL), Clock::system().now()).unwrap();
        let other = trusting(&std::fs::read_to_string(other.authority).unwrap());
        assert!(other.get(server.url("/healthz")).send().await.is_err(), "nor one that trusts another restaurant's");
        server.stop().await;
    });
}

#[test]
fn beside_it_plain_http_serves_guests_and_tells_how_to_trust() {
    run(async {
        let place = Place::new(Kind::Sqlite);
        let (server, authority) = serve(place, LOCAL, Clock::system().now()).await;
        let plain = format!("http://{}", server.app().plain.unwrap());
        assert_eq!(server.app().public_url, plain, "codes lead guests to where their phones need no trust");
        let browser = client();
        assert!(!cookie_of(&browser, &server, &plain).await.contains("Secure"));
        let trust: Value = browser.get(format!("{plain}/api/trust")).send().await.unwrap().json().await.unwrap();
        assert_eq!(trust["https_port"], server.app().address.port());
        let file = browser.get(format!("{plain}/api/trust/comanda.crt")).send().await.unwrap();
        assert_eq!(file.headers()["content-type"], "application/x-x509-ca-cert");
        let given = file.text().await.unwrap();
        assert_eq!(given, authority);
        assert_eq!(trust["fingerprint"], comanda::identity::authority::fingerprint(&given).unwrap());
        assert!(!given.contains("PRIVATE"));
        server.stop().await;

        let server = TestServer::start(Kind::Sqlite).await;
        let answer = server.client.get(server.url("/api/trust")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "a server without an authority has nothing to trust");
        server.stop().await;
    });
}

#[test]
fn keys_are_for_their_owner_only_and_the_authority_stays() {
    drop(client());
    let place = Place::new(Kind::Sqlite);
    let config = place.config(LOCAL);
    let now = Clock::system().now();
    let first = app::tls::make(&config, now).unwrap();
    assert!(first.is_new);
    for file in ["authority.key", "server.pem"] {
        let mode = std::fs::metadata(place.path().join("tls").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let again = app::tls::make(&config, now).unwrap();
    assert!(!again.is_new);
    assert_eq!(again.fingerprint, first.fingerprint);
    let foreign = place.config(&format!("{LOCAL}names = [\"bank.example\"]\n"));
    let Err(refused) = app::tls::make(&foreign, now) else { panic!("it spoke for a foreign name") };
    assert!(format!("{refused:#}").contains("may not speak for all of"), "{refused:#}");
}

#[test]
fn a_certificate_near_its_end_is_renewed_by_the_server() {
    run(async {
        let place = Place::new(Kind::Sqlite);
        let server_pem = place.path().join("tls/server.pem");
        drop(client());
        let long_ago = Clock::system().now().minus(DAY * 380);
        app::tls::make(&place.config(LOCAL), long_ago).unwrap();
        let old = std::fs::read_to_string(&server_pem).unwrap();
        let (server, _) = serve(place, LOCAL, Clock::system().now()).await;
        assert_ne!(std::fs::read_to_string(&server_pem).unwrap(), old);
        assert_eq!(server.client.get(server.url("/healthz")).send().await.unwrap().status(), 200);
        server.stop().await;
    });
}

/// A certificate by an authority of its own, as an operator's files; and that authority.
fn own_files(folder: &Path) -> (PathBuf, PathBuf, String) {
    let other = Place::new(Kind::Sqlite);
    let made = app::tls::make(&other.config(LOCAL), Clock::system().now()).unwrap();
    let pem = std::fs::read_to_string(other.path().join("tls/server.pem")).unwrap();
    let key_at = pem.find("-----BEGIN PRIVATE KEY").unwrap();
    let (certificate, key) = (folder.join("my.pem"), folder.join("my.key"));
    std::fs::write(&certificate, &pem[..key_at]).unwrap();
    std::fs::write(&key, &pem[key_at..]).unwrap();
    (certificate, key, std::fs::read_to_string(made.authority).unwrap())
}

#[test]
fn own_files_are_taken_up_when_they_change_and_sockets_live_on() {
    run(async {
        drop(client());
        let place = Place::new(Kind::Sqlite);
        let (certificate, key, authority) = own_files(place.path());
        let lines = format!(
            "[tls]\ncertificate = \"{}\"\nkey = \"{}\"\nplain_listen = \"127.0.0.1:0\"\nlook_seconds = 1\n",
            certificate.display(),
            key.display()
        );
        let server = app::start(&place.config(&lines), Clock::system()).await.unwrap();
        let fixture = restaurant::fixture("olive", GateRule::None);
        restaurant::create(&server.commands.store, &fixture).await;
        let base = format!("https://{}", server.address);
        let mut server = TestServer { place, server: Some(server), base, fixture, client: trusting(&authority) };
        let plain = format!("http://{}/kitchen/olive?x=1", server.app().plain.unwrap());
        let stays = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let sent = stays.get(plain).send().await.unwrap();
        assert_eq!(sent.headers()["location"], server.url("/kitchen/olive?x=1").as_str());

        let cook = server.staff(Role::Kitchen).await;
        let mut socket = socket(&server, &authority, &cook).await;
        std::fs::write(&key, "not a key").unwrap();
        let (_, _, next) = own_files(server.place.path());
        let next_client = trusting(&next);
        let taken = async {
            while next_client.get(server.url("/healthz")).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(SOON, taken).await.expect("the new certificate is shown");
        server.client = trusting(&next);
        order_arrives(&server, &mut socket).await;
        server.stop().await;
    });
}

#[test]
fn silence_behind_the_handshake_is_cut() {
    run(async {
        let place = Place::new(Kind::Sqlite);
        let (server, authority) = serve(place, LOCAL, Clock::system().now()).await;
        let mut stream = handshake(&server, &authority).await.unwrap();
        let mut heard = Vec::new();
        let read = tokio::time::timeout(SOON, stream.read_to_end(&mut heard)).await;
        drop(read.expect("the server closes a connection on which nothing comes"));
        let again = server.client.get(server.url("/healthz")).send().await.unwrap();
        assert_eq!(again.status(), 200);
        server.stop().await;
    });
}
