//! Staff logins: the answers that give nothing away, the cookie, the family of refresh tokens, its end.

use super::house::{refused, said, start, story, with};
use crate::harness::restaurant::{Fixture, PASSWORD};
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place, TestServer};
use comanda::clock::Clock;
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);

/// A browser's login: what it was answered, and the cookie it holds.
struct Login {
    answer: Value,
    cookie: String,
}

async fn login_as(server: &TestServer, email: &str, password: &str) -> Response {
    let body = json!({ "email": email, "password": password });
    server.client.post(server.url("/api/auth/login")).json(&body).send().await.unwrap()
}

async fn login(server: &TestServer, fixture: &Fixture, role: Role) -> Login {
    taken(login_as(server, &fixture.email(role), PASSWORD).await).await
}

async fn taken(answer: Response) -> Login {
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    Login { answer: answer.json().await.unwrap(), cookie }
}

async fn with_cookie(server: &TestServer, path: &str, cookie: &str) -> Response {
    server.client.post(server.url(path)).header("cookie", cookie).send().await.unwrap()
}

async fn refresh(server: &TestServer, cookie: &str) -> Response {
    with_cookie(server, "/api/auth/refresh", cookie).await
}

async fn list(server: &TestServer, login: &Login) -> Response {
    let get = server.client.get(server.url("/api/orders")).bearer_auth(login.answer["token"].as_str().unwrap());
    get.send().await.unwrap()
}

/// The attributes of the cookie that an answer sets, in lower case.
fn attributes(answer: &Response) -> BTreeSet<String> {
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').skip(1).map(|one| one.trim().to_ascii_lowercase()).collect()
}

#[test]
fn a_login_gives_a_token_and_keeps_the_refresh_token_in_its_cookie() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let email = server.fixture.email(Role::Waiter);
            let answer = login_as(&server, &format!("  {} ", email.to_uppercase()), PASSWORD).await;
            let expected = ["path=/api/auth", "max-age=2592000", "httponly", "samesite=strict"];
            assert_eq!(attributes(&answer), expected.map(str::to_owned).into(), "plain HTTP: no `Secure`");
            assert!(answer.headers().get("strict-transport-security").is_none());
            let login = taken(answer).await;
            assert_eq!((login.answer["role"].as_str(), login.answer["slug"].as_str()), (Some("waiter"), Some("olive")));
            let secret = login.cookie.rsplit('.').next().unwrap();
            assert!(secret.len() >= 43 && !login.answer.to_string().contains(secret), "{}", login.cookie);
            assert_eq!(list(&server, &login).await.status(), StatusCode::OK);
            server.stop().await;
        });
    }
}

#[test]
fn behind_https_the_cookie_is_secure() {
    run(async {
        let server = with("server.public_url = \"https://order.example.com\"").await;
        let answer = login_as(&server, &server.fixture.email(Role::Waiter), PASSWORD).await;
        assert!(attributes(&answer).contains("secure"));
        assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
        server.stop().await;
    });
}

#[test]
fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let email = server.fixture.email(Role::Waiter);
            let long = "x".repeat(2000);
            let tries = [
                (email.as_str(), "wrong"),
                ("nobody@olive.example", PASSWORD),
                (email.as_str(), long.as_str()),
                (email.as_str(), ""),
                ("waiter\0@olive.example", PASSWORD),
                ("' or 1=1 --", PASSWORD),
                ("", ""),
            ];
            let mut bodies = Vec::new();
            for (email, password) in tries {
                let answer = login_as(&server, email, password).await;
                assert!(answer.headers().get("set-cookie").is_none());
                let mut body = refused(answer, 401, "wrong_credentials").await;
                body["request"].take();
                bodies.push(body);
            }
            assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
            let elsewhere = json!({ "email": email, "password": PASSWORD, "restaurant": "elsewhere" });
            let answer = server.client.post(server.url("/api/auth/login")).json(&elsewhere).send().await.unwrap();
            refused(answer, 401, "wrong_credentials").await;
            server.stop().await;
        });
    }
}

#[test]
fn who_works_at_several_restaurants_names_one() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let second = server.add("second", GateRule::None).await;
            let email = server.fixture.email(Role::Waiter);
            let store = &server.app().commands.store;
            let account = comanda::store::wide::account_by_email(&store.db, &email).await.unwrap().unwrap();
            store.add_member(second.id(), account.user, Role::Manager).await.unwrap();

            refused(login_as(&server, &email, "wrong").await, 401, "wrong_credentials").await;
            refused(login_as(&server, &email, PASSWORD).await, 401, "choose_restaurant").await;
            for (slug, role) in [("olive", "waiter"), ("second", "manager")] {
                let body = json!({ "email": email, "password": PASSWORD, "restaurant": slug });
                let answer = server.client.post(server.url("/api/auth/login")).json(&body).send().await.unwrap();
                let login = taken(answer).await;
                assert_eq!((login.answer["slug"].as_str(), login.answer["role"].as_str()), (Some(slug), Some(role)));
            }
            server.stop().await;
        });
    }
}

#[test]
fn a_refresh_token_is_good_once_and_a_copy_ends_the_login() {
    for kind in BOTH {
        run(async {
            let (clock, hand) = Clock::settable(NOON);
            let server = start(Place::new(kind), "", clock).await;
            let first = login(&server, &server.fixture, Role::Kitchen).await;
            let second = taken(refresh(&server, &first.cookie).await).await;
            assert_ne!(first.cookie, second.cookie, "the cookie was rotated");
            assert_eq!(first.answer["session"], second.answer["session"]);
            // The answer was lost, or another tab asked at the same time: no harm done.
            let again = taken(refresh(&server, &first.cookie).await).await;
            assert_eq!(again.cookie, second.cookie);
            assert_eq!(list(&server, &second).await.status(), StatusCode::OK);

            hand.advance(Duration::from_secs(60));
            let third = taken(refresh(&server, &second.cookie).await).await;
            refused(refresh(&server, &first.cookie).await, 401, "signed_out").await;
            refused(refresh(&server, &third.cookie).await, 401, "signed_out").await;
            for login in [&first, &second, &third] {
                refused(list(&server, login).await, 401, "revoked").await;
            }
            assert_eq!(story(&server, &server.fixture).await, ["session.revoked"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_login_that_was_not_used_for_long_is_over() {
    run(async {
        let (clock, hand) = Clock::settable(NOON);
        let server = start(Place::new(Kind::Sqlite), "", clock).await;
        let login = login(&server, &server.fixture, Role::Kitchen).await;
        hand.advance(Duration::from_secs(15 * 60 + 31));
        refused(list(&server, &login).await, 401, "expired").await;
        let later = taken(refresh(&server, &login.cookie).await).await;
        assert_eq!(list(&server, &later).await.status(), StatusCode::OK);
        hand.advance(Duration::from_secs(30 * 86_400));
        refused(refresh(&server, &later.cookie).await, 401, "signed_out").await;
        server.stop().await;
    });
}

#[test]
fn a_logout_ends_this_login_and_no_other() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let [here, there] = [
                login(&server, &server.fixture, Role::Waiter).await,
                login(&server, &server.fixture, Role::Waiter).await,
            ];
            let answer = with_cookie(&server, "/api/auth/logout", &here.cookie).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
            assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("comanda_refresh=;"));
            assert!(attributes(&answer).is_superset(&["max-age=0", "path=/api/auth"].map(str::to_owned).into()));

            refused(refresh(&server, &here.cookie).await, 401, "signed_out").await;
            refused(list(&server, &here).await, 401, "revoked").await;
            assert_eq!(list(&server, &there).await.status(), StatusCode::OK);
            taken(refresh(&server, &there.cookie).await).await;
            let again = with_cookie(&server, "/api/auth/logout", &here.cookie).await;
            assert_eq!(again.status(), StatusCode::NO_CONTENT, "signed out is signed out");
            assert_eq!(story(&server, &server.fixture).await, ["session.revoked"]);
            server.stop().await;
        });
    }
}

#[test]
fn a_manager_ends_a_login_at_once_and_a_cook_does_not() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let cook = login(&server, &server.fixture, Role::Kitchen).await;
            let (waiter, manager) = (server.staff(Role::Waiter).await, server.staff(Role::Manager).await);
            let session = json!({ "session": cook.answer["session"] });
            let said = waiter.command("session.revoke", session.clone()).await;
            assert_eq!(said["code"], "forbidden", "{said}");
            assert_eq!(list(&server, &cook).await.status(), StatusCode::OK);
            let said = manager.command("session.revoke", session).await;
            assert_eq!(said["op"], "ok", "{said}");
            refused(list(&server, &cook).await, 401, "revoked").await;
            refused(refresh(&server, &cook.cookie).await, 401, "signed_out").await;
            server.stop().await;
        });
    }
}

#[test]
fn another_sites_page_cannot_sign_in_refresh_or_sign_out() {
    run(async {
        let server = TestServer::start(Kind::Sqlite).await;
        let login = login(&server, &server.fixture, Role::Waiter).await;
        let host = server.base.strip_prefix("http://").unwrap();
        let from = |path: &str, name: &'static str, value: &str| {
            let body = json!({ "email": server.fixture.email(Role::Waiter), "password": PASSWORD });
            let post = server.client.post(server.url(path)).header("cookie", &login.cookie).json(&body);
            post.header(name, value.to_owned()).send()
        };
        for path in ["/api/auth/login", "/api/auth/refresh", "/api/auth/logout"] {
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("origin", &format!("http://{host}.evil.example")),
                ("origin", &format!("http://evil.example/{host}")),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
            ] {
                refused(from(path, name, value).await.unwrap(), 403, "cross_origin").await;
            }
        }
        let ours = from("/api/auth/refresh", "origin", &format!("http://{host}")).await.unwrap();
        assert_eq!(ours.status(), StatusCode::OK);
        assert_eq!(story(&server, &server.fixture).await, [""; 0], "nobody was signed out");
        server.stop().await;
    });
}

#[test]
fn what_is_no_refresh_token_refreshes_nothing() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let rival = server.add("rival", GateRule::None).await;
            let [ours, theirs] =
                [login(&server, &server.fixture, Role::Waiter).await, login(&server, &rival, Role::Waiter).await];
            let part = |login: &Login, n: usize| {
                let token = login.cookie.split_once('=').unwrap().1.to_owned();
                token.split('.').nth(n).unwrap().to_owned()
            };
            let mixed = |r: &Login, s: &Login, x: &Login| {
                format!("comanda_refresh={}.{}.{}", part(r, 0), part(s, 1), part(x, 2))
            };
            let secret = part(&ours, 2);
            let cookies = [
                String::new(),
                "comanda_refresh".to_owned(),
                "comanda_refresh=".to_owned(),
                "comanda_refresh=..".to_owned(),
                format!("comanda_refresh={}", ours.answer["token"].as_str().unwrap()),
                format!("other={}", ours.cookie.split_once('=').unwrap().1),
                mixed(&theirs, &ours, &ours),
                mixed(&ours, &theirs, &ours),
            ];
            for cookie in cookies {
                assert_eq!(said(refresh(&server, &cookie).await).await, (401, "signed_out".to_owned()), "{cookie}");
            }
            let bearer = server.client.post(server.url("/api/auth/refresh")).bearer_auth(&secret);
            refused(bearer.send().await.unwrap(), 401, "signed_out").await;
            taken(refresh(&server, &ours.cookie).await).await;
            assert_eq!(story(&server, &server.fixture).await, [""; 0]);
            server.stop().await;
        });
    }
}
