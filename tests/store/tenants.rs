//! Tenants never meet (L9): not by ids of another restaurant, and on Postgres not even by a query that forgets
//! its restaurant. Tables are taken from the catalogue, so that a new one without a policy is found here.

use super::node::{Node, draft, guest_of, join, ordering, seating_of};
use super::raw::Raw;
use crate::harness::restaurant::Fixture;
use crate::harness::run;
use crate::harness::server::{BOTH, Kind, Place};
use comanda::domain::command::*;
use comanda::domain::ids::*;
use comanda::domain::order::Channel;
use comanda::domain::people::{Actor, Role};
use comanda::domain::refusal::Code;
use comanda::domain::restaurant::GateRule;
use comanda::domain::time::Timestamp;
use comanda::store::screens::Pairing;
use comanda::store::wide::tries::{self, Bound};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{AssertSqlSafe, Connection, Postgres, Row, Transaction};
use std::collections::BTreeMap;

/// Of the migrations; the rest is somebody's.
const NOBODYS: &str = "_sqlx_migrations";
/// People, counted tries, nodes, numbers and what providers told are not a tenant's; only the wide role sees them.
const NO_TENANTS: [&str; 5] = ["users", "tries", "nodes", "numbers", "hooks"];
/// Tables that had rows when this was written: with fewer the tests would look at nothing.
const FILLED: usize = 22;

/// Two restaurants with a row in every table.
async fn two(node: &Node) -> [Fixture; 2] {
    let fixtures = [node.restaurant("olive", GateRule::None).await, node.restaurant("lemon", GateRule::None).await];
    for fixture in &fixtures {
        node.staff(fixture, Role::Waiter).await;
        let guest = node.scan(fixture, 0).await;
        let contact = Contact::phone("+34600111222", Channel::Sms);
        let draft = Draft { contact: Some(contact), ..draft(&[(fixture.steak(), 1)]) };
        node.does(fixture, &guest, Command::PlaceOrder(Box::new(draft))).await;
        pair(node, fixture).await;
    }
    fixtures
}

/// A screen, its wish to be paired, and a counted try.
async fn pair(node: &Node, fixture: &Fixture) {
    let pairing = Pairing {
        restaurant: fixture.id(),
        code_hash: vec![7; 32],
        claim_hash: vec![8; 32],
        expires_at: Timestamp(i64::MAX),
        screen: None,
        session: None,
    };
    node.store.begin_pairing(&pairing).await.unwrap();
    let code_hash = "07".repeat(32);
    let pair = PairScreen { code_hash, name: "Grill".to_owned(), stations: vec![fixture.grill()], screen: None };
    let manager = node.staff(fixture, Role::Manager).await;
    node.does(fixture, &manager, Command::PairScreen(pair)).await;
    let within = std::time::Duration::from_secs(60);
    let bound = Bound { kind: "test", subject: comanda::identity::secrets::digest(fixture.slug()), most: 1, within };
    assert_eq!(tries::count(&node.store.db, &[bound], Timestamp(0)).await.unwrap(), None);
}

async fn tables(raw: &mut Raw) -> Vec<String> {
    let select = "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
                  and relkind in ('r', 'p', 'v', 'm', 'f') order by relname";
    raw.texts(select).await.into_iter().filter(|table| table != NOBODYS).collect()
}

/// The column that says whose a row is.
fn tenant_of(table: &str) -> &'static str {
    if table == "restaurants" { "id" } else { "restaurant_id" }
}

/// As the server's role, within the scope that `Db::begin` sets.
async fn scoped(pool: &PgPool, restaurant: RestaurantId) -> Transaction<'static, Postgres> {
    let mut tx = pool.begin().await.unwrap();
    let scope = format!("{{{restaurant}}}");
    sqlx::query("select set_config('app.restaurants', $1, true)").bind(scope).execute(&mut *tx).await.unwrap();
    tx
}

async fn number(connection: &mut PgConnection, sql: String) -> i64 {
    sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap().get(0)
}

#[test]
fn every_table_is_forced_under_row_security() {
    run(async {
        let place = Place::new(Kind::Postgres);
        Node::open(&place).await;
        let mut raw = Raw::open(&place).await;
        let tables = tables(&mut raw).await;
        assert!(tables.len() > FILLED);
        let unguarded = "select relname::text from pg_class where relnamespace = 'public'::regnamespace \
                         and relkind in ('r', 'p', 'v', 'm', 'f') and not (relrowsecurity and relforcerowsecurity)";
        assert_eq!(raw.texts(unguarded).await, [NOBODYS], "tables that any query can read");
        let policies = "select tablename || ' ' || policyname || ' ' || roles::text || ' ' || cmd || ' ' || qual \
                        from pg_policies where schemaname = 'public' order by 1";
        let mut expected = Vec::new();
        for table in &tables {
            if !NO_TENANTS.contains(&&**table) {
                let scope = "( SELECT app_restaurants() AS app_restaurants)::uuid[]";
                expected.push(format!("{table} tenant {{public}} ALL ({} = ANY ({scope}))", tenant_of(table)));
            }
            expected.push(format!("{table} wide {{comanda_wide}} ALL true"));
        }
        assert_eq!(raw.texts(policies).await, expected);
    });
}

#[test]
fn a_query_that_forgets_its_restaurant_gets_nothing_and_a_scoped_one_only_its_own() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = Node::open(&place).await;
        let [olive, lemon] = two(&node).await;
        let mut raw = Raw::open(&place).await;
        let pool = node.store.db.postgres().expect("Postgres");
        let mut filled = 0;
        for table in tables(&mut raw).await {
            let all = raw.number(&format!("select count(*) from {table}")).await;
            // The pool's connections were used with a scope before: none is left on them.
            let forgotten = number(&mut pool.acquire().await.unwrap(), format!("select count(*) from {table}")).await;
            assert_eq!(forgotten, 0, "{table}: rows without a scope, of {all}");
            if NO_TENANTS.contains(&&*table) {
                let mut tx = scoped(pool, olive.id()).await;
                assert_eq!(number(&mut tx, format!("select count(*) from {table}")).await, 0, "{table}: nobody's");
                continue;
            }
            let column = tenant_of(&table);
            let mut sums = 0;
            for fixture in [&olive, &lemon] {
                let own =
                    raw.number(&format!("select count(*) from {table} where {column} = '{}'", fixture.id())).await;
                let mut tx = scoped(pool, fixture.id()).await;
                assert_eq!(number(&mut tx, format!("select count(*) from {table}")).await, own, "{table}");
                sums += own;
            }
            assert_eq!(sums, all, "{table}: rows of nobody");
            filled += usize::from(all >= 2);
        }
        assert!(filled >= FILLED, "only {filled} tables had rows of both");
    });
}

#[test]
fn rows_of_another_tenant_can_neither_be_written_nor_taken_nor_given_away() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = Node::open(&place).await;
        let [olive, lemon] = two(&node).await;
        let mut raw = Raw::open(&place).await;
        let pool = node.store.db.postgres().expect("Postgres");
        let mut refused = BTreeMap::new();
        for table in tables(&mut raw).await {
            let column = tenant_of(&table);
            let nobodys = NO_TENANTS.contains(&&*table);
            let theirs = if nobodys { String::new() } else { format!("where {column} = '{}'", lemon.id()) };
            let rows = raw.texts(&format!("select to_jsonb(t)::text from {table} t {theirs} limit 1")).await;
            let Some(row) = rows.first() else { continue };
            let insert = format!("insert into {table} select * from jsonb_populate_record(null::{table}, '{row}')");
            assert_eq!(broken(pool, &olive, &insert).await, "42501", "{table}: another's row was written");
            let mut tx = scoped(pool, olive.id()).await;
            let delete = sqlx::raw_sql(AssertSqlSafe(format!("delete from {table} {theirs}"))).execute(&mut *tx).await;
            assert_eq!(delete.unwrap().rows_affected(), 0, "{table}: another's rows were deleted");
            if !nobodys {
                let give = format!("update {table} set {column} = '{}'", lemon.id());
                assert_eq!(broken(pool, &olive, &give).await, "42501", "{table}: a row was given away");
            }
            refused.insert(table, ());
        }
        assert!(refused.len() > FILLED, "{refused:?}");
    });
}

/// The SQLSTATE with which a statement of the first restaurant's scope is refused.
async fn broken(pool: &PgPool, scope: &Fixture, sql: &str) -> String {
    let mut tx = scoped(pool, scope.id()).await;
    match sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await {
        Err(sqlx::Error::Database(error)) => error.code().expect("an SQLSTATE").into_owned(),
        other => format!("{other:?}"),
    }
}

/// Whoever takes the wide role takes it for one transaction.
#[test]
fn the_wide_role_is_left_with_its_transaction() {
    run(async {
        let place = Place::new(Kind::Postgres);
        let node = Node::open(&place).await;
        two(&node).await;
        assert_eq!(comanda::store::wide::all_restaurants(&node.store.db).await.unwrap().len(), 2);
        let pool = node.store.db.postgres().expect("Postgres");
        for _ in 0..8 {
            let mut connection = pool.acquire().await.unwrap();
            let role = "select count(*) from pg_roles where rolname = 'comanda' and current_user = 'comanda'";
            assert_eq!(number(&mut connection, role.to_owned()).await, 1);
        }
        let mut plain = PgConnection::connect(&place.url).await.unwrap();
        assert_eq!(number(&mut plain, "select count(*) from restaurants".to_owned()).await, 0);
    });
}

#[test]
fn ids_of_another_restaurant_are_unknown() {
    for kind in BOTH {
        run(async {
            let place = Place::new(kind);
            let node = Node::open(&place).await;
            let [olive, lemon] = two(&node).await;
            let theirs = node.scan(&lemon, 1).await;
            let order = node.orders(&lemon, &theirs, &[(lemon.fries(), 1)]).await;
            let cook = node.staff(&olive, Role::Manager).await;
            let cases = [
                (Command::RushOrder(RushOrder { order: order.id, rush: true }), Code::UnknownOrder),
                (
                    Command::CloseSeating(CloseSeating { seating: seating_of(&theirs), force: true }),
                    Code::UnknownSeating,
                ),
                (Command::OpenSeating(TableOnly { table: lemon.tables[2].id }), Code::UnknownTable),
                (Command::RotateCode(TableOnly { table: lemon.tables[2].id }), Code::UnknownTable),
                (Command::SetItem(SetItem { item: lemon.beer().id, available: false, stock: None }), Code::UnknownItem),
                (ordering(&[(lemon.fries(), 1)]), Code::Unavailable),
                (join(&lemon, 0), Code::UnknownTable),
            ];
            let head = node.store.heads(&[lemon.id()]).await.unwrap();
            for (command, code) in cases {
                assert_eq!(node.refuses(&olive, &cook, command.clone()).await, code, "{command:?}");
            }
            // A guest of the other restaurant is nobody here, and a login of this one is nobody there.
            assert_eq!(node.refuses(&olive, &theirs, ordering(&[(olive.fries(), 1)])).await, Code::SeatingClosed);
            let rush = Command::RushOrder(RushOrder { order: order.id, rush: true });
            assert_eq!(node.refuses(&lemon, &cook, rush).await, Code::SessionRevoked);
            let stranger = Actor::Guest { guest: guest_of(&theirs), seating: SeatingId(uuid::Uuid::now_v7()) };
            assert_eq!(node.refuses(&lemon, &stranger, ordering(&[(lemon.fries(), 1)])).await, Code::SeatingClosed);
            assert_eq!(node.store.heads(&[lemon.id()]).await.unwrap(), head, "something happened there");
            assert!(node.store.order(olive.id(), order.id).await.unwrap().is_none());
            assert!(node.store.seating(olive.id(), seating_of(&theirs)).await.unwrap().is_none());
        });
    }
}
