//! Clients that send slowly, by halves, or nonsense: they lose their connection, and nobody else notices.

use super::house::{raw, with};
use crate::harness::run;
use crate::harness::server::TestServer;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

const LINES: &str =
    "server.header_read_timeout_ms = 500\nserver.request_timeout_ms = 1000\ndatabase.command_wait_ms = 900";

/// The start of a good order, with as much of its body as is given.
fn half_order(token: &str, length: usize, body: &str) -> String {
    let key = Uuid::new_v4();
    format!(
        "POST /api/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// How long until the server closes this connection, and what it said.
async fn closed(mut stream: TcpStream) -> (Duration, String) {
    let begun = Instant::now();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(crate::harness::SOON, stream.read_to_end(&mut answer)).await;
    drop(read.expect("the server closes the connection"));
    (begun.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.app().address).await.unwrap()
}

#[test]
fn a_header_that_does_not_arrive_is_cut() {
    run(async {
        let server = with(LINES).await;
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        for part in ["", "P", "PRI", preface, "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n"] {
            let mut stream = connect(&server).await;
            stream.write_all(part.as_bytes()).await.unwrap();
            let (took, answer) = closed(stream).await;
            assert!(took < Duration::from_secs(3), "{took:?} for {part:?}");
            assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        server.stop().await;
    });
}

/// By default this takes 2 s.
#[test]
fn a_header_that_trickles_is_cut_just_as_well() {
    run(async {
        let server = with("").await;
        let begun = Instant::now();
        let (mut read, mut write) = connect(&server).await.into_split();
        let trickle = async {
            write.write_all(b"GET / HTTP/1.1\r\n").await?;
            loop {
                write.write_all(b"X-A: b\r\n").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            #[expect(unreachable_code, reason = "names the type of the error")]
            Ok::<(), std::io::Error>(())
        };
        let mut answer = Vec::new();
        tokio::select! {
            _ = trickle => {}
            _ = read.read_to_end(&mut answer) => {}
        }
        let took = begun.elapsed();
        assert!((Duration::from_millis(1500)..Duration::from_secs(4)).contains(&took), "{took:?}");
        server.stop().await;
    });
}

#[test]
fn a_body_that_does_not_arrive_is_given_up_and_nothing_was_ordered() {
    run(async {
        let server = with(LINES).await;
        let guest = server.guest(0).await;
        let draft = server.draft().to_string();
        for (length, body) in [(draft.len(), &draft[..draft.len() / 2]), (draft.len() + 1, draft.as_str()), (10, "")] {
            let mut stream = connect(&server).await;
            stream.write_all(half_order(&guest.token, length, body).as_bytes()).await.unwrap();
            let (took, answer) = closed(stream).await;
            assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&took), "{took:?}");
            assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
            assert!(answer.contains("\"code\":\"too_slow\"") && answer.contains("content-security-policy"), "{answer}");
        }
        // One that goes away in the middle of its body has ordered nothing either.
        let mut stream = connect(&server).await;
        stream.write_all(half_order(&guest.token, draft.len(), &draft[..9]).as_bytes()).await.unwrap();
        drop(stream);
        let list: Value = guest.get("/api/orders").await.json().await.unwrap();
        assert_eq!(list["orders"], serde_json::json!([]));
        server.stop().await;
    });
}

#[test]
fn slow_clients_do_not_hold_up_others() {
    run(async {
        let server = with("").await;
        let guest = server.guest(0).await;
        let mut slow = Vec::new();
        for n in 0..200 {
            let mut stream = connect(&server).await;
            let part = if n % 2 == 0 { "GET / HT".to_owned() } else { half_order(&guest.token, 500, "{") };
            stream.write_all(part.as_bytes()).await.unwrap();
            slow.push(stream);
        }
        let begun = Instant::now();
        guest.order(&server.draft()).await;
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        drop(slow);
        server.stop().await;
    });
}

#[test]
fn nonsense_on_the_wire_is_refused_and_closed() {
    run(async {
        let server = with(LINES).await;
        let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(20_000));
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(500));
        let huge = format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "b".repeat(1_000_000));
        let nonsense: [&[u8]; 9] = [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"hello\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            many.as_bytes(),
            huge.as_bytes(),
        ];
        for request in nonsense {
            let answer = raw(&server, request).await;
            let start = String::from_utf8_lossy(&request[..request.len().min(60)]).into_owned();
            assert!(!answer.starts_with("HTTP/1.1 2"), "{start:?}: {answer}");
        }
        assert!(raw(&server, long.as_bytes()).await.starts_with("HTTP/1.1 200"), "a long path is a route of the app");
        let both = b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        let answer = raw(&server, both).await;
        assert_eq!(answer.matches("\"status\":\"ok\"").count(), 0, "no second request is smuggled in: {answer}");
        server.guest(0).await.order(&server.draft()).await;
        server.stop().await;
    });
}
