//! What kitchens taught (`domain::estimate`), row by row. Written with the tap that taught it.

use super::db::{Access, Bind, Bundle, Row, Tx, binds};
use super::fault::Fault;
use super::reads::Store;
use crate::domain::estimate::{Figure, Mood, Of, Outcome};
use crate::domain::ids::{ItemId, RestaurantId, StationId};
use crate::domain::time::Timestamp;
use uuid::Uuid;

/// Logarithms are kept in millionths.
const MILLION: f64 = 1e6;

/// # Errors
/// Any fault of the database.
pub async fn load(tx: &mut Tx, restaurant: RestaurantId) -> Result<Vec<(Of, Figure)>, Fault> {
    let rows = tx
        .query(
            "select what, station_id, item_id, value, seen from learned where restaurant_id = $1",
            binds![restaurant.0],
        )
        .await?;
    let figures = rows.iter().map(figure_of).collect::<Result<Vec<_>, _>>()?;
    // What a newer release learned is nothing to this one.
    Ok(figures.into_iter().flatten().collect())
}

/// Orders of which an outcome is read at most: the newest.
const OUTCOMES: i64 = 10_000;

impl Store {
    /// What was promised since, and when it was ready: orders that came whole, without a course that waited.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn outcomes(&self, restaurant: RestaurantId, since: Timestamp) -> Result<Vec<Outcome>, Fault> {
        let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
        let rows = tx
            .query(
                "select o.promise, o.ready_at from orders o where o.restaurant_id = $1 and o.placed_at >= $2 \
                 and o.promise is not null and o.ready_at is not null and not exists (select 1 from lines l \
                 where l.restaurant_id = o.restaurant_id and l.order_id = o.id and (l.held or l.called_at is not null)) \
                 order by o.placed_at desc limit $3",
                binds![restaurant.0, since.0, OUTCOMES],
            )
            .await?;
        rows.iter().map(|row| Ok(Outcome { promise: row.json(0)?, ready_at: Timestamp(row.int(1)?) })).collect()
    }
}

/// What was learned, to be written.
pub fn save(bundle: &mut Bundle, figures: &[(RestaurantId, Of, Figure)], at: Timestamp) {
    let rows = figures.iter().map(|(restaurant, of, figure)| binds_of(*restaurant, *of, *figure, at)).collect();
    bundle.rows(
        "insert into learned (restaurant_id, what, station_id, item_id, value, seen, at)",
        rows,
        "on conflict (restaurant_id, what, station_id, item_id) do update set value = excluded.value, \
         seen = excluded.seen, at = excluded.at",
    );
}

/// Forgets what was not confirmed since: dishes that are no longer cooked.
///
/// # Errors
/// Any fault of the database.
pub async fn forget(tx: &mut Tx, restaurant: RestaurantId, before: Timestamp) -> Result<(), Fault> {
    tx.execute("delete from learned where restaurant_id = $1 and at < $2", binds![restaurant.0, before.0]).await?;
    Ok(())
}

fn names(of: Of) -> (&'static str, Uuid, Uuid) {
    match of {
        Of::Work(station, item) => ("work", station.0, item.0),
        Of::Hands(station) => ("hands", station.0, Uuid::nil()),
        Of::Early(Mood::Calm) => ("early.calm", Uuid::nil(), Uuid::nil()),
        Of::Early(Mood::Busy) => ("early.busy", Uuid::nil(), Uuid::nil()),
        Of::Late(Mood::Calm) => ("late.calm", Uuid::nil(), Uuid::nil()),
        Of::Late(Mood::Busy) => ("late.busy", Uuid::nil(), Uuid::nil()),
    }
}

fn of(what: &str, station: StationId, item: ItemId) -> Option<Of> {
    Some(match what {
        "work" => Of::Work(station, item),
        "hands" => Of::Hands(station),
        "early.calm" => Of::Early(Mood::Calm),
        "early.busy" => Of::Early(Mood::Busy),
        "late.calm" => Of::Late(Mood::Calm),
        "late.busy" => Of::Late(Mood::Busy),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "far below what a float holds")]
fn figure_of(row: &Row) -> Result<Option<(Of, Figure)>, Fault> {
    let of = of(&row.text(0)?, StationId(row.id(1)?), ItemId(row.id(2)?));
    let figure = Figure { value: row.int(3)? as f64 / MILLION, seen: u32::try_from(row.int(4)?).unwrap_or(u32::MAX) };
    Ok(of.map(|of| (of, figure)))
}

#[expect(clippy::cast_possible_truncation, reason = "logarithms of bounded figures")]
fn binds_of(restaurant: RestaurantId, of: Of, figure: Figure, at: Timestamp) -> Vec<Bind> {
    let (what, station, item) = names(of);
    binds![restaurant.0, what, station, item, (figure.value * MILLION).round() as i64, i64::from(figure.seen), at.0]
}
