//! Places in a restaurant and the logins that hang on them, by the rows; and the rows that count tries.

use super::node::{Node, refused, wish};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Place};
use comanda::domain::command::*;
use comanda::domain::event::Kind;
use comanda::domain::ids::*;
use comanda::domain::limits::ENDED_LOGINS;
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::store::people::{Owner, Session};
use comanda::store::wide::tries::{self, Bound};
use std::time::Duration;
use uuid::Uuid;

const NOON: Timestamp = Timestamp(1_769_857_200_000_000);

fn user_of(actor: &Actor) -> UserId {
    let Actor::Staff { user, .. } = actor else { panic!("{actor:?} is nobody") };
    *user
}

fn login(fixture: &Fixture, user: UserId, n: i64) -> Session {
    Session {
        restaurant: fixture.id(),
        id: SessionId(Uuid::now_v7()),
        owner: Owner::Person(user),
        refresh_hash: vec![0; 32],
        generation: 1,
        refreshed_at: Timestamp(n),
        expires_at: Timestamp(i64::MAX),
        revoked_at: None,
    }
}

#[test]
fn a_login_that_was_being_begun_does_not_outlive_a_change_of_its_place() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (admin, cook) = (node.staff(&fixture, Role::Admin).await, node.staff(&fixture, Role::Kitchen).await);
            let user = user_of(&cook);
            let begins = async |version| node.store.begin_session(&login(&fixture, user, 0), version).await.unwrap();
            node.does(&fixture, &admin, Command::SetRole(MemberRole { user, role: Role::Waiter })).await;
            assert!(!begins(1).await, "its password was looked at before");
            assert!(begins(2).await);
            node.does(&fixture, &admin, Command::EndLogins(MemberOnly { user })).await;
            assert!(!begins(2).await);
            node.does(&fixture, &admin, Command::RemoveMember(MemberOnly { user })).await;
            for version in 1..6 {
                assert!(!begins(version).await, "nobody works here");
            }
            assert_eq!(node.store.role(fixture.id(), user).await.unwrap(), None);
            let rush = Command::SetItem(SetItem { item: fixture.fries().id, available: false, stock: None });
            assert_eq!(refused(node.submit(wish(&fixture, &cook, rush)).await).code, Code::SessionRevoked);
        });
    }
}

#[test]
fn all_logins_of_somebody_end_also_those_that_are_too_many_to_be_told() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let fixture = node.restaurant("olive", GateRule::None).await;
            let (admin, cook) = (node.staff(&fixture, Role::Admin).await, node.staff(&fixture, Role::Kitchen).await);
            let user = user_of(&cook);
            for n in 0..ENDED_LOGINS + 20 {
                assert!(node.store.begin_session(&login(&fixture, user, n + 1), 1).await.unwrap());
            }
            node.does(&fixture, &admin, Command::RemoveMember(MemberOnly { user })).await;
            let published = node.published(fixture.id());
            let told = published.iter().filter(|event| event.kind == Kind::SessionRevoked).count();
            assert_eq!(i64::try_from(told).unwrap(), ENDED_LOGINS);
            assert_eq!(published.last().map(|event| event.kind), Some(Kind::StaffChanged));
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select count(*) from sessions where revoked_at is null").await, 1, "the admin's");
        });
    }
}

fn bound(subject: u8, most: i64) -> Bound {
    Bound { kind: "test", subject: [subject; 32], most, within: Duration::from_secs(60) }
}

#[test]
fn tries_are_counted_by_clocks_that_differ_and_begin_anew_when_they_are_over() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let at = |ms: i64| Timestamp(NOON.0 + ms * 1000);
            let count = async |ms| tries::count(&node.store.db, &[bound(1, 3)], at(ms)).await.unwrap();
            // Three nodes, none of which agrees with another.
            for ms in [0, -1500, 1500] {
                assert_eq!(count(ms).await, None);
            }
            assert_eq!(count(-1500).await, Some(Duration::from_millis(61_500)));
            assert_eq!(count(59_000).await, Some(Duration::from_secs(1)));
            assert_eq!(count(60_000).await, None, "over is over");
            // A clock that was a year ahead locks nobody out until then.
            let year = 365 * 86_400_000;
            for _ in 0..3 {
                tries::count(&node.store.db, &[bound(2, 3)], at(year)).await.unwrap();
            }
            assert_eq!(tries::count(&node.store.db, &[bound(2, 3)], at(0)).await.unwrap(), None);
        });
    }
}

#[test]
fn where_one_bound_is_reached_none_is_counted_and_the_longest_wait_is_told() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let db = &node.store.db;
            let (one, other) = (bound(1, 5), Bound { within: Duration::from_secs(90), ..bound(2, 1) });
            let both = [one.clone(), other.clone()];
            assert_eq!(tries::count(db, &both, NOON).await.unwrap(), None);
            for _ in 0..10 {
                assert_eq!(tries::count(db, &both, NOON).await.unwrap(), Some(Duration::from_secs(90)));
            }
            let mut raw = Raw::open(&place).await;
            assert_eq!(raw.number("select cast(sum(count) as bigint) from tries").await, 2, "one each");
            tries::right(db, std::slice::from_ref(&one), &[other]).await.unwrap();
            assert_eq!(raw.number("select cast(sum(count) as bigint) from tries").await, 0);
            assert_eq!(raw.number("select count(*) from tries").await, 1, "the account's row is gone");
            assert_eq!(tries::count(db, &both, NOON).await.unwrap(), None);
        });
    }
}
