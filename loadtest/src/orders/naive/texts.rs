//! The statements of the naive writer, for both databases.

use super::{Feed, Placed, decide};
use crate::sender::Sender;
use anyhow::{Context, Result, ensure};
use comanda::domain::event::Kind;
use comanda::domain::menu::Menu;
use comanda::store::committer::Submission;
use sqlx::{Connection, QueryBuilder, Row};

const FEED: &str =
    "select epoch, seq, at, menu_version, number_day, number_last, oldest from feeds where restaurant_id = $1";
const FEED_LOCKED: &str = "select epoch, seq, at, menu_version, number_day, number_last, oldest from feeds \
    where restaurant_id = $1 for no key update";
const KNOWN: &str =
    "select restaurant_id, id, sender, body_hash, seq, subject from commands where restaurant_id = $1 and id = $2";
const SEATING: &str = "select restaurant_id, id, table_id, table_label, version, gate, released, pin, pin_tries, opened_at, \
    closed_at from seatings where restaurant_id = $1 and id = $2";
const GUESTS: &str =
    "select seating_id, id, number, released from guests where restaurant_id = $1 and seating_id = $2 order by number";
const ORDER: &str = "insert into orders (restaurant_id, id, number, business_day, kind, state, version, table_id, table_label, \
    seating_id, guest_id, placed_by, held, note, allergy, allergy_confirmed_at, rush, told_by, placed_at, due_at, \
    confirmed_at, started_at, ready_at, completed_at, cancelled_at, cancel_reason, charges, subtotal, service, tax, total, \
    released_seq, released_at, seen_at, unseen_due, unseen_nth, seen_stations) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
    $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, \
    $33, $34, $35, $36, $37)";
const LINES: &str = "insert into lines (restaurant_id, order_id, id, position, item_id, name, kitchen_name, quantity, options, \
    note, unit_price, changed, void_reason) ";
const TASKS: &str =
    "insert into tasks (restaurant_id, order_id, line_id, station_id, position, state, started_at, done_at) ";
const COMMAND: &str = "insert into commands (restaurant_id, id, sender, body_hash, seq, subject, at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
const EVENT: &str = "insert into events (restaurant_id, seq, at, kind, subject, actor, command_id, data) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const ADVANCE: &str = "update feeds set seq = $2, at = $3, menu_version = $4, number_day = $5, number_last = $6 \
    where restaurant_id = $1";

/// The same statements for one database; `begin`, the lock and the tenant's scope differ.
macro_rules! writer {
    ($name:ident, $database:ty, $begin:literal, $feed:expr, $scope:expr) => {
        pub mod $name {
            use super::*;

            type Link = <$database as sqlx::Database>::Connection;

            /// Lock, look, decide, write, commit.
            pub async fn place(
                connection: &mut Link,
                sender: &Sender,
                menu: &Menu,
                submission: &Submission,
            ) -> Result<()> {
                let mut tx = connection.begin_with($begin).await?;
                let restaurant = submission.restaurant.0;
                let scope: Option<&'static str> = $scope;
                if let Some(scope) = scope {
                    sqlx::query(scope).bind(format!("{{{restaurant}}}")).execute(&mut *tx).await?;
                }
                let feed = look(&mut tx, sender, submission).await?;
                let placed = decide(feed, sender, menu, submission)?;
                order(&mut tx, &placed).await?;
                lines(&mut tx, &placed).await?;
                facts(&mut tx, &placed).await?;
                Ok(tx.commit().await?)
            }

            async fn look(link: &mut Link, sender: &Sender, submission: &Submission) -> Result<Feed> {
                let restaurant = submission.restaurant.0;
                let row = sqlx::query($feed).bind(restaurant).fetch_one(&mut *link).await?;
                let known = sqlx::query(KNOWN).bind(restaurant).bind(submission.request.id.0);
                ensure!(known.fetch_all(&mut *link).await?.is_empty(), "the command was done before");
                let seating = sqlx::query(SEATING).bind(restaurant).bind(sender.seating.id.0);
                let seating = seating.fetch_all(&mut *link).await?.pop().context("the seating is there")?;
                ensure!(seating.try_get::<Option<i64>, _>(10)?.is_none(), "the seating is open");
                let guests = sqlx::query(GUESTS).bind(restaurant).bind(sender.seating.id.0);
                ensure!(!guests.fetch_all(&mut *link).await?.is_empty(), "the guest is there");
                Ok(Feed {
                    seq: row.try_get(1)?,
                    at: row.try_get(2)?,
                    menu_version: row.try_get(3)?,
                    number_day: row.try_get(4)?,
                    number_last: row.try_get(5)?,
                })
            }

            async fn order(link: &mut Link, placed: &Placed<'_>) -> Result<()> {
                let (o, us) = (&placed.order, |at: Option<comanda::domain::time::Timestamp>| at.map(|at| at.0));
                sqlx::query(ORDER)
                    .bind(placed.submission.restaurant.0)
                    .bind(o.id.0)
                    .bind(o.number)
                    .bind(placed.business_day)
                    .bind(o.kind.name())
                    .bind(o.state.name())
                    .bind(o.version)
                    .bind(o.table.as_ref().map(|table| table.id.0))
                    .bind(o.table.as_ref().map(|table| table.label.clone()))
                    .bind(o.seating.map(|seating| seating.0))
                    .bind(o.guest.map(|guest| guest.0))
                    .bind(serde_json::to_string(&o.placed_by)?)
                    .bind(o.held)
                    .bind(o.note.clone())
                    .bind(o.allergy.clone())
                    .bind(us(o.allergy_confirmed_at))
                    .bind(o.rush)
                    .bind(o.told_by.map(|channel| channel.name()))
                    .bind(o.placed_at.0)
                    .bind(o.due_at.0)
                    .bind(us(o.confirmed_at))
                    .bind(us(o.started_at))
                    .bind(us(o.ready_at))
                    .bind(us(o.completed_at))
                    .bind(us(o.cancelled_at))
                    .bind(o.cancel_reason.clone())
                    .bind(serde_json::to_string(&o.charges)?)
                    .bind(o.totals.subtotal)
                    .bind(o.totals.service)
                    .bind(o.totals.tax)
                    .bind(o.totals.total)
                    .bind(placed.feed.seq)
                    .bind(placed.feed.at)
                    .bind(None::<i64>)
                    .bind(placed.unseen_due)
                    .bind(0i64)
                    .bind("[]")
                    .execute(link)
                    .await?;
                Ok(())
            }

            /// The lines in one statement, and their tasks in another.
            async fn lines(link: &mut Link, placed: &Placed<'_>) -> Result<()> {
                let (restaurant, order) = (placed.submission.restaurant.0, &placed.order);
                let mut texts = Vec::new();
                for line in &order.lines {
                    texts.push((serde_json::to_string(&line.name)?, serde_json::to_string(&line.options)?));
                }
                let mut lines = QueryBuilder::<$database>::new(LINES);
                let rows = (0i64..).zip(order.lines.iter().zip(texts));
                lines.push_values(rows, |mut row, (position, (line, (name, options)))| {
                    row.push_bind(restaurant).push_bind(order.id.0).push_bind(line.id.0).push_bind(position);
                    row.push_bind(line.item.0).push_bind(name).push_bind(line.kitchen_name.clone());
                    row.push_bind(line.quantity).push_bind(options).push_bind(line.note.clone());
                    row.push_bind(line.unit_price).push_bind(line.changed).push_bind(line.void_reason.clone());
                });
                lines.build().execute(&mut *link).await?;
                let mut tasks = QueryBuilder::<$database>::new(TASKS);
                let rows = order.lines.iter().flat_map(|line| (0i64..).zip(&line.tasks).map(move |task| (line, task)));
                tasks.push_values(rows, |mut row, (line, (position, task))| {
                    row.push_bind(restaurant).push_bind(order.id.0).push_bind(line.id.0);
                    row.push_bind(task.station.0).push_bind(position).push_bind(task.state.name());
                    row.push_bind(None::<i64>).push_bind(None::<i64>);
                });
                tasks.build().execute(link).await?;
                Ok(())
            }

            /// The command, the event, and the head of the feed.
            async fn facts(link: &mut Link, placed: &Placed<'_>) -> Result<()> {
                let (s, feed) = (placed.submission, &placed.feed);
                let command = sqlx::query(COMMAND).bind(s.restaurant.0).bind(s.request.id.0).bind(&placed.sender);
                let command = command.bind(s.body_hash.to_vec()).bind(feed.seq).bind(placed.order.id.0).bind(feed.at);
                command.execute(&mut *link).await?;
                let event = sqlx::query(EVENT).bind(s.restaurant.0).bind(feed.seq).bind(feed.at);
                let event = event.bind(Kind::OrderPlaced.name()).bind(placed.order.id.0);
                let event = event.bind(serde_json::to_string(&s.request.actor.by())?).bind(s.request.id.0);
                event.bind(placed.event()?).execute(&mut *link).await?;
                let advance = sqlx::query(ADVANCE).bind(s.restaurant.0).bind(feed.seq).bind(feed.at);
                let advance = advance.bind(feed.menu_version).bind(feed.number_day).bind(feed.number_last);
                ensure!(advance.execute(link).await?.rows_affected() == 1, "the feed is there");
                Ok(())
            }
        }
    };
}

writer!(sqlite, sqlx::Sqlite, "begin immediate", FEED, None);
writer!(postgres, sqlx::Postgres, "begin", FEED_LOCKED, Some("select set_config('app.restaurants', $1, true)"));
