//! Roles with which tenants could not be kept apart: the server refuses to start as one, and says what to do;
//! whoever does that has a server that starts (L9). About Postgres.

use super::node::{Node, join};
use super::raw::{Raw, as_role};
use crate::harness::postgres::TestPostgres;
use crate::harness::run;
use crate::harness::server::{Kind, Place};
use comanda::domain::people::Actor;
use comanda::domain::restaurant::GateRule;
use comanda::store::{Fault, Options, open};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

/// A role of a name of its own (roles are the cluster's) that owns the place's database; what it is refused with.
struct Stranger {
    place: Place,
    name: String,
    url: String,
}

impl Stranger {
    async fn new(attributes: &str, more: &str) -> Self {
        Self::at(Place::new(Kind::Postgres), attributes, more).await
    }

    async fn at(place: Place, attributes: &str, more: &str) -> Self {
        // Such a name has to be quoted in a statement.
        let name = format!("r-{}", Uuid::new_v4().simple());
        let url = as_role(&place.url, &name);
        let stranger = Self { place, name, url };
        stranger.superuser(&format!("create role ROLE login {attributes}; {more}")).await;
        stranger.superuser("grant all on schema public to ROLE; alter schema public owner to ROLE").await;
        stranger
    }

    async fn superuser(&self, sql: &str) {
        let sql = sql.replace("ROLE", &format!("\"{}\"", self.name));
        Raw::open(&self.place).await.run(&sql).await;
    }

    /// What the server says when it is started as this role.
    async fn refused_with(&self) -> String {
        let options = Options { url: self.url.clone(), readers: 1, writers: 1 };
        match open(&options).await {
            Err(Fault::Setup(words)) => words,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it started as {}", self.name),
        }
    }

    /// Nothing was made in the database before the refusal.
    async fn assert_untouched(&self) {
        let mut raw = Raw::open(&self.place).await;
        let made = raw.number("select count(*) from pg_class where relnamespace = 'public'::regnamespace").await;
        assert_eq!(made, 0, "a server that refuses to start has made tables");
    }

    async fn does_what_it_says(&self, words: &str) {
        let (_, statements) = words.rsplit_once(": ").expect("statements to run");
        let mut superuser = PgConnection::connect(&super::raw::superuser(&self.place.url)).await.unwrap();
        for statement in statements.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            superuser.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
        }
    }

    async fn assert_serves(&self) {
        let node = Node::with(&self.url, comanda::clock::Clock::system(), super::node::PATIENT).await;
        let olive = node.restaurant("olive", GateRule::None).await;
        node.does(&olive, &Actor::System, join(&olive, 0)).await;
    }
}

#[test]
fn the_server_refuses_to_start_as_superuser_or_above_row_security() {
    run(async {
        for attributes in ["superuser noinherit", "bypassrls noinherit"] {
            let stranger = Stranger::new(attributes, "grant comanda_wide to ROLE").await;
            let words = stranger.refused_with().await;
            assert!(words.contains(&stranger.name) && words.contains("superuser or has BYPASSRLS"), "{words}");
            assert!(words.contains("Connect as a plain role"), "{words}");
            stranger.assert_untouched().await;
            stranger.superuser("alter role ROLE nosuperuser nobypassrls").await;
            stranger.assert_serves().await;
        }
    });
}

#[test]
fn a_role_that_inherits_the_wide_one_is_refused_until_what_it_is_told_was_done() {
    run(async {
        let stranger = Stranger::new("inherit", "grant comanda_wide to ROLE").await;
        let words = stranger.refused_with().await;
        assert!(words.contains(&stranger.name) && words.contains("inherits the rights of `comanda_wide`"), "{words}");
        stranger.assert_untouched().await;
        stranger.does_what_it_says(&words).await;
        stranger.assert_serves().await;
    });
}

/// As `create role` makes one when nothing else is said.
#[test]
fn a_role_without_the_wide_one_is_refused_until_what_it_is_told_was_done() {
    run(async {
        let stranger = Stranger::new("", "").await;
        let words = stranger.refused_with().await;
        assert!(words.contains(&stranger.name) && words.contains("may not take the second role"), "{words}");
        stranger.assert_untouched().await;
        stranger.does_what_it_says(&words).await;
        stranger.assert_serves().await;
    });
}

/// On a server of its own: the wide role is everybody's.
#[test]
fn a_server_without_the_wide_role_is_told_how_to_make_it() {
    run(async {
        let postgres = TestPostgres::start();
        let mut place = Place::new(Kind::Postgres);
        place.url = postgres.database("alone");
        Raw::open(&place).await.run("drop role comanda_wide").await;
        let stranger = Stranger::at(place, "", "").await;
        let words = stranger.refused_with().await;
        assert!(words.contains(&stranger.name) && words.contains("needs the second role"), "{words}");
        stranger.assert_untouched().await;
        stranger.does_what_it_says(&words).await;
        stranger.assert_serves().await;
    });
}
