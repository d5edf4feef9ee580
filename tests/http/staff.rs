//! Who works here: added, promoted, given a new password, removed; and out at once when that ends a login.

use super::house::{House, in_a_house, refused, story};
use crate::harness::people::Person;
use crate::harness::restaurant::PASSWORD;
use crate::harness::run;
use crate::harness::server::{BOTH, TestServer};
use comanda::domain::people::Role;
use comanda::domain::restaurant::GateRule;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const NEW: &str = "a new password";

async fn list(manager: &Person) -> Vec<Value> {
    let list: Value = manager.get("/api/staff").await.json().await.unwrap();
    list["staff"].as_array().unwrap().clone()
}

/// The id of somebody by role: each has one in the fixture.
async fn user(manager: &Person, role: Role) -> Value {
    let staff = list(manager).await;
    staff.iter().find(|one| one["role"] == json!(role)).expect("somebody")["user"].clone()
}

async fn login(server: &TestServer, email: &str, password: &str) -> Response {
    let body = json!({ "email": email, "password": password, "restaurant": "olive" });
    server.client.post(server.url("/api/auth/login")).json(&body).send().await.unwrap()
}

fn somebody(role: &str) -> Value {
    json!({ "email": " Ana@Olive.example ", "name": " Ana ", "role": role, "password": PASSWORD })
}

#[test]
fn somebody_is_added_works_and_is_removed_at_once() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let answer = manager.post("/api/staff", &somebody("waiter")).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
            let ana: Value = answer.json().await.unwrap();
            assert_eq!(
                (&ana["name"], &ana["email"], &ana["role"]),
                (&json!("Ana"), &json!("ana@olive.example"), &json!("waiter"))
            );
            assert!(list(&manager).await.contains(&ana));
            refused(manager.post("/api/staff", &somebody("kitchen")).await, 409, "already_member").await;

            let here = server.signed_in("ana@olive.example", PASSWORD).await;
            assert_eq!(here.person.get("/api/tables").await.status(), StatusCode::OK);
            let remove = json!({ "user": ana["user"] });
            assert_eq!(manager.command("staff.remove", remove.clone()).await["op"], "ok");
            refused(here.person.get("/api/tables").await, 401, "revoked").await;
            refused(server.refresh(&here.cookie).await, 401, "signed_out").await;
            refused(login(&server, "ana@olive.example", PASSWORD).await, 401, "wrong_credentials").await;
            assert_eq!(manager.command("staff.remove", remove).await["code"], "unknown_member");
            assert!(!list(&manager).await.iter().any(|one| one["user"] == ana["user"]));

            // She comes back, with a password of now: she works nowhere else.
            let back = json!({ "email": "ana@olive.example", "name": "Anna", "role": "kitchen", "password": NEW });
            let again: Value = manager.post("/api/staff", &back).await.json().await.unwrap();
            assert_eq!(
                (&again["user"], &again["name"], &again["role"]),
                (&ana["user"], &json!("Ana"), &json!("kitchen"))
            );
            refused(login(&server, "ana@olive.example", PASSWORD).await, 401, "wrong_credentials").await;
            assert_eq!(login(&server, "ana@olive.example", NEW).await.status(), StatusCode::OK);
            let expected = ["staff.changed", "session.revoked", "staff.changed", "staff.changed"];
            assert_eq!(story(&server, &server.fixture).await, expected);
            server.stop().await;
        });
    }
}

#[test]
fn a_new_role_ends_the_logins_and_holds_from_the_next() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let manager = server.staff(Role::Manager).await;
            let email = server.fixture.email(Role::Kitchen);
            let logins = [server.signed_in(&email, PASSWORD).await, server.signed_in(&email, PASSWORD).await];
            let id = user(&manager, Role::Kitchen).await;
            let promote = json!({ "user": id, "role": "waiter" });
            assert_eq!(manager.command("staff.set_role", promote.clone()).await["op"], "ok");
            for login in &logins {
                refused(login.person.get("/api/orders").await, 401, "revoked").await;
                refused(server.refresh(&login.cookie).await, 401, "signed_out").await;
            }
            let now = server.signed_in(&email, PASSWORD).await;
            assert_eq!(now.answer["role"], "waiter");
            assert_eq!(now.person.get("/api/tables").await.status(), StatusCode::OK);
            // What is so already changes nothing, and ends nothing.
            assert_eq!(manager.command("staff.set_role", promote).await["op"], "ok");
            assert_eq!(now.person.get("/api/tables").await.status(), StatusCode::OK);
            let story = story(&server, &server.fixture).await;
            assert_eq!(story, ["session.revoked", "session.revoked", "staff.changed"]);
            server.stop().await;
        });
    }
}

#[test]
fn managers_manage_up_to_themselves_and_nobody_themselves() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let manager = &house.manager;
        let id = async |role| user(manager, role).await;
        let (own, admin, cook) = (id(Role::Manager).await, id(Role::Admin).await, id(Role::Kitchen).await);
        let password = json!({ "password": NEW });
        let said = async |person: &Person, name: &str, args: Value| person.command(name, args).await["code"].clone();
        assert_eq!(said(manager, "staff.set_role", json!({ "user": cook, "role": "admin" })).await, "forbidden");
        for whom in [&own, &admin] {
            assert_eq!(said(manager, "staff.set_role", json!({ "user": whom, "role": "kitchen" })).await, "forbidden");
            assert_eq!(said(manager, "staff.remove", json!({ "user": whom })).await, "forbidden");
            let path = format!("/api/staff/{}/password", whom.as_str().unwrap());
            refused(manager.post(&path, &password).await, 403, "forbidden").await;
        }
        refused(manager.post("/api/staff", &somebody("admin")).await, 403, "forbidden").await;
        for person in [&house.guest, &house.cook, &house.waiter] {
            refused(person.get("/api/staff").await, 403, "forbidden").await;
            refused(person.post("/api/staff", &somebody("kitchen")).await, 403, "forbidden").await;
            let path = format!("/api/staff/{}/password", cook.as_str().unwrap());
            refused(person.post(&path, &password).await, 403, "forbidden").await;
            assert_eq!(said(person, "staff.set_role", json!({ "user": cook, "role": "kitchen" })).await, "forbidden");
            assert_eq!(said(person, "staff.remove", json!({ "user": cook })).await, "forbidden");
        }
        let nobody = Uuid::new_v4();
        assert_eq!(said(manager, "staff.remove", json!({ "user": nobody })).await, "unknown_member");
        refused(manager.post(&format!("/api/staff/{nobody}/password"), &password).await, 404, "unknown_member").await;
        refused(manager.post("/api/staff/x/password", &password).await, 404, "not_found").await;
        assert_eq!(said(manager, "staff.set_role", json!({ "user": cook, "role": "chef" })).await, "invalid");
        assert_eq!(said(manager, "staff.add", json!({ "user": cook, "role": "admin" })).await, "unknown_command");
    });
}

#[test]
fn two_admins_who_remove_each_other_leave_one() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let admin = server.staff(Role::Admin).await;
            let answer = admin.post("/api/staff", &somebody("admin")).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
            let ana: Value = answer.json().await.unwrap();
            let other = server.signed_in("ana@olive.example", PASSWORD).await;
            let staff = list(&admin).await;
            let first = staff.iter().find(|one| one["role"] == "admin" && one["user"] != ana["user"]).unwrap();
            let (one, two) = tokio::join!(
                admin.command("staff.remove", json!({ "user": ana["user"] })),
                other.person.command("staff.remove", json!({ "user": first["user"] })),
            );
            let done = [&one, &two].iter().filter(|said| said["op"] == "ok").count();
            assert_eq!(done, 1, "{one} {two}");
            server.stop().await;
        });
    }
}

#[test]
fn a_new_password_ends_the_logins_and_the_old_password() {
    for kind in BOTH {
        run(async {
            let server = TestServer::start(kind).await;
            let second = server.add("second", GateRule::None).await;
            let manager = server.staff(Role::Manager).await;
            let email = server.fixture.email(Role::Waiter);
            let here = server.signed_in(&email, PASSWORD).await;
            let id = user(&manager, Role::Waiter).await;
            let path = format!("/api/staff/{}/password", id.as_str().unwrap());
            let answer = manager.post(&path, &json!({ "password": NEW })).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
            refused(here.person.get("/api/orders").await, 401, "revoked").await;
            refused(login(&server, &email, PASSWORD).await, 401, "wrong_credentials").await;
            assert_eq!(login(&server, &email, NEW).await.status(), StatusCode::OK);

            // Who works elsewhere, too, has one password for both: it is not this restaurant's to set.
            let abroad = server.staff_of(&second, Role::Manager).await;
            let guest = json!({ "email": email, "name": "x", "role": "kitchen", "password": "of the second" });
            assert_eq!(abroad.post("/api/staff", &guest).await.status(), StatusCode::CREATED);
            assert_eq!(login(&server, &email, NEW).await.status(), StatusCode::OK, "the password stayed");
            for manager in [&manager, &abroad] {
                refused(manager.post(&path, &json!({ "password": PASSWORD })).await, 409, "works_elsewhere").await;
            }
            assert_eq!(login(&server, &email, NEW).await.status(), StatusCode::OK);
            server.stop().await;
        });
    }
}

#[test]
fn what_is_wrong_with_somebody_new_is_said() {
    in_a_house(&BOTH, &[], async |house: &House| {
        let cases = [
            (json!({ "email": "ana" }), "email"),
            (json!({ "email": "@olive.example" }), "email"),
            (json!({ "email": "a b@olive.example" }), "email"),
            (json!({ "email": "a@b@olive.example" }), "email"),
            (json!({ "email": "a\0@olive.example" }), "email"),
            (json!({ "email": format!("{}@olive.example", "a".repeat(254)) }), "email"),
            (json!({ "name": " " }), "name"),
            (json!({ "name": "x".repeat(81) }), "name"),
            (json!({ "password": "short" }), "password"),
            (json!({ "password": "x".repeat(1025) }), "password"),
            (json!({ "role": "chef" }), "role"),
            (json!({ "role": null }), "role"),
        ];
        for (change, field) in cases {
            let mut body = somebody("kitchen");
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let said = refused(house.manager.post("/api/staff", &body).await, 422, "invalid").await;
            assert_eq!(said["fields"][0]["field"], field, "{change}");
        }
        let cook = user(&house.manager, Role::Kitchen).await;
        let path = format!("/api/staff/{}/password", cook.as_str().unwrap());
        for password in ["short", &"x".repeat(1025)] {
            refused(house.manager.post(&path, &json!({ "password": password })).await, 422, "invalid").await;
        }
    });
}
