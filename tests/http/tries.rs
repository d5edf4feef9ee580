//! Tries at passwords and codes are counted in rows: strictly, over restarts, over nodes, and for accounts that
//! nobody has; a right answer forgets them.

use super::house::{problem, refused, start};
use crate::harness::restaurant::PASSWORD;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place, TestServer};
use comanda::app;
use comanda::clock::Clock;
use comanda::commands::retention::Keep;
use comanda::domain::people::Role;
use comanda::domain::time::Timestamp;
use futures_util::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);
/// The fence of this process is wide open: what is refused here, the rows refuse.
const OPEN: &str = "server.trusted_proxies = [\"127.0.0.1\"]\nlimits.login_per_account = 10000\n\
    limits.login_per_address = 10000\nlimits.wrong_per_account = 3\nlimits.wrong_per_address = 5\n";

async fn login_at(base: &str, server: &TestServer, email: &str, password: &str, from: &str) -> Response {
    let body = json!({ "email": email, "password": password });
    let post = server.client.post(format!("{base}/api/auth/login")).header("x-forwarded-for", from);
    post.json(&body).send().await.unwrap()
}

async fn login(server: &TestServer, email: &str, password: &str, from: &str) -> Response {
    login_at(&server.base, server, email, password, from).await
}

async fn wrong(server: &TestServer, email: &str, from: &str) {
    refused(login(server, email, "guess", from).await, 401, "wrong_credentials").await;
}

/// Seconds after which one may come back.
async fn limited(answer: Response) -> u64 {
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let body = refused(answer, 429, "limited").await;
    assert_eq!(body["detail"], format!("Too many tries. Try again in {seconds} s."));
    seconds
}

#[test]
fn an_account_takes_so_many_wrong_passwords_from_wherever_and_says_when_it_takes_more() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let server = start(Place::new(kind), OPEN, clock).await;
            let cook = server.fixture.email(Role::Kitchen);
            for n in 0..3 {
                wrong(&server, &cook, &format!("198.51.100.{n}")).await;
                hand.advance(Duration::from_secs(60));
            }
            let shouted = format!(" {} ", cook.to_uppercase());
            assert_eq!(limited(login(&server, &shouted, PASSWORD, "198.51.100.9").await).await, 720);
            hand.advance(Duration::from_millis(719_001));
            assert_eq!(
                limited(login(&server, &cook, PASSWORD, "198.51.100.9").await).await,
                1,
                "asking prolongs nothing"
            );
            hand.advance(Duration::from_millis(999));
            assert_eq!(login(&server, &cook, PASSWORD, "198.51.100.9").await.status(), StatusCode::OK);
            server.stop().await;
        });
    }
}

#[test]
fn an_account_that_nobody_has_is_counted_and_answered_alike() {
    for kind in BOTH {
        run(async {
            let (clock, _) = Clock::settable(NOON);
            let server = start(Place::new(kind), OPEN, clock).await;
            let mut told = Vec::new();
            for (email, from) in
                [(server.fixture.email(Role::Waiter), "203.0.113.1"), ("x@y.example".into(), "203.0.113.2")]
            {
                for _ in 0..3 {
                    wrong(&server, &email, from).await;
                }
                let answer = login(&server, &email, PASSWORD, from).await;
                let wait = answer.headers()["retry-after"].clone();
                let mut body = problem(answer).await;
                body["request"].take();
                told.push((wait, body));
            }
            assert_eq!(told[0], told[1]);
            server.stop().await;
        });
    }
}

#[test]
fn a_right_password_forgets_the_wrong_ones_of_its_account_and_no_others() {
    for kind in BOTH {
        run(async {
            let server = start(Place::new(kind), OPEN, Clock::system()).await;
            let [cook, waiter] = [Role::Kitchen, Role::Waiter].map(|role| server.fixture.email(role));
            let from = "192.0.2.1";
            for _ in 0..2 {
                wrong(&server, &cook, from).await;
                wrong(&server, &waiter, from).await;
            }
            // Twenty right ones cost the address nothing, and give it nothing back.
            for _ in 0..20 {
                assert_eq!(login(&server, &cook, PASSWORD, from).await.status(), StatusCode::OK);
            }
            wrong(&server, &cook, from).await;
            limited(login(&server, &cook, PASSWORD, from).await).await;
            let elsewhere = "192.0.2.2";
            wrong(&server, &cook, elsewhere).await;
            wrong(&server, &cook, elsewhere).await;
            limited(login(&server, &cook, PASSWORD, elsewhere).await).await;
            wrong(&server, &waiter, elsewhere).await;
            limited(login(&server, &waiter, PASSWORD, elsewhere).await).await;
            server.stop().await;
        });
    }
}

#[test]
fn an_address_takes_so_many_wrong_passwords_for_whatever_accounts() {
    for kind in BOTH {
        run(async {
            let server = start(Place::new(kind), OPEN, Clock::system()).await;
            for n in 0..5 {
                wrong(&server, &format!("{n}@x.example"), &format!("2001:db8:0:1::{n}")).await;
            }
            let wait = limited(login(&server, "5@x.example", "guess", "2001:db8:0:1:ffff::1").await).await;
            assert!((890..=900).contains(&wait), "{wait}");
            wrong(&server, "5@x.example", "2001:db8:0:2::1").await;
            server.stop().await;
        });
    }
}

#[test]
fn tries_in_parallel_are_as_many_as_tries_in_turn() {
    for kind in BOTH {
        run(async {
            let server = start(Place::new(kind), OPEN, Clock::system()).await;
            let cook = server.fixture.email(Role::Kitchen);
            let from: Vec<_> = (0..16).map(|n| format!("198.51.100.{n}")).collect();
            let answers = join_all(from.iter().map(|from| login(&server, &cook, "guess", from))).await;
            let mut looked_at = 0;
            for answer in answers {
                match answer.status().as_u16() {
                    401 => looked_at += 1,
                    429 => {}
                    other => panic!("{other}"),
                }
            }
            assert_eq!(looked_at, 3);
            server.stop().await;
        });
    }
}

#[test]
fn tries_survive_a_restart_and_count_on_every_node() {
    for kind in BOTH {
        run(async {
            let mut server = start(Place::new(kind), OPEN, Clock::system()).await;
            let cook = server.fixture.email(Role::Kitchen);
            wrong(&server, &cook, "192.0.2.1").await;
            server.restart(&wide("wrong_per_account = 3")).await;
            let from = "127.0.0.1";
            wrong(&server, &cook, from).await;
            if kind == Kind::Postgres {
                let other =
                    app::start(&server.place.config(&wide("wrong_per_account = 3")), Clock::system()).await.unwrap();
                let base = format!("http://{}", other.address);
                refused(login_at(&base, &server, &cook, "guess", from).await, 401, "wrong_credentials").await;
                limited(login_at(&base, &server, &cook, PASSWORD, from).await).await;
                other.stop().await;
            } else {
                wrong(&server, &cook, from).await;
            }
            limited(login(&server, &cook, PASSWORD, from).await).await;
            server.stop().await;
        });
    }
}

fn wide(line: &str) -> String {
    format!("[limits]\nlogin_per_account = 10000\nlogin_per_address = 10000\n{line}\n")
}

#[test]
fn what_is_over_is_forgotten_in_small_batches() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let server = start(Place::new(kind), OPEN, clock).await;
            for n in 0..7 {
                wrong(&server, &format!("{n}@x.example"), &format!("198.51.100.{n}")).await;
            }
            let ask = json!({ "restaurant": "olive" });
            let asked = server.client.post(server.url("/api/auth/pair")).json(&ask).send().await.unwrap();
            assert_eq!(asked.status(), StatusCode::CREATED);
            let commands = &server.app().commands;
            let prune =
                async || comanda::store::wide::tries::prune(&commands.store.db, commands.clock.now(), 5).await.unwrap();
            assert!(!prune().await, "nothing is over yet");
            hand.advance(Duration::from_secs(901));
            let mut rounds = 1;
            while prune().await {
                rounds += 1;
            }
            assert_eq!(rounds, 4, "sixteen rows of tries, five at a time");
            let keep = Duration::from_secs(86_400);
            let keep = Keep { state: keep, events: keep, commands: keep, batch: 5 };
            commands.prune_all(keep, &CancellationToken::new()).await.unwrap();
            wrong(&server, "0@x.example", "198.51.100.0").await;
            server.stop().await;
        });
    }
}

/// The seating's PIN: counted on the seating's own row, by the transaction that checks it.
#[test]
fn tries_at_a_tables_pin_survive_a_restart() {
    for kind in BOTH {
        run(async {
            let rule = comanda::domain::restaurant::GateRule::Pin;
            let mut server = TestServer::start_with(kind, rule, "", Clock::system()).await;
            let guest = server.guest(0).await;
            let stored =
                server.app().commands.store.seating(server.fixture.id(), guest.seating.unwrap()).await.unwrap();
            let right = stored.unwrap().pin;
            let guess = json!({ "pin": if right == "0000" { "0001" } else { "0000" } });
            let said = async |server: &TestServer, args: &Value| {
                let guest = crate::harness::people::Person { base: server.base.clone(), ..guest.clone() };
                guest.command("seating.pin", args.clone()).await["code"].clone()
            };
            for _ in 0..3 {
                assert_eq!(said(&server, &guess).await, "wrong_pin");
            }
            server.restart("").await;
            let tries = join_all((0..8).map(|_| said(&server, &guess))).await;
            assert_eq!(tries.iter().filter(|code| **code == "wrong_pin").count(), 2, "{tries:?}");
            assert_eq!(said(&server, &json!({ "pin": right })).await, "pin_locked");
            server.stop().await;
        });
    }
}
