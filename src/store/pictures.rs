//! Pictures of dishes, by their content: written once, never changed, gone when no dish names them any more.

use super::db::{Access, Tx, binds};
use super::fault::Fault;
use super::reads::Store;
use crate::domain::ids::RestaurantId;
use crate::domain::menu::Picture;
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// A picture that no dish names is kept so long: it may be on its way to one.
const UNNAMED: Duration = Duration::from_secs(24 * 3600);
/// Pictures that go in one transaction at most.
const GONE_AT_A_TIME: usize = 64;

impl Store {
    /// Keeps a picture in its sizes: width in pixels, and bytes. The same again is kept once.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn keep_picture(
        &self,
        restaurant: RestaurantId,
        id: &str,
        sizes: Vec<(u16, Vec<u8>)>,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let mut tx = self.db.begin(Access::Write(&[restaurant])).await?;
        let rows = sizes.into_iter().map(|(width, bytes)| binds![restaurant.0, id, i64::from(width), bytes, at.0]);
        tx.execute_rows(
            "insert into pictures (restaurant_id, id, width, bytes, at)",
            rows.collect(),
            "on conflict (restaurant_id, id, width) do update set at = excluded.at",
        )
        .await?;
        tx.commit().await
    }

    /// One size of a picture.
    ///
    /// # Errors
    /// Any fault of the database.
    pub async fn picture(&self, restaurant: RestaurantId, id: &str, width: u16) -> Result<Option<Vec<u8>>, Fault> {
        let mut tx = self.db.begin(Access::Read(&[restaurant])).await?;
        let sql = "select bytes from pictures where restaurant_id = $1 and id = $2 and width = $3";
        let rows = tx.query(sql, binds![restaurant.0, id, i64::from(width)]).await?;
        rows.first().map(|row| row.bytes(0)).transpose()
    }
}

/// Takes away what no dish names.
///
/// # Errors
/// Any fault of the database.
pub async fn prune(tx: &mut Tx, restaurant: RestaurantId, now: Timestamp) -> Result<(), Fault> {
    let sql = "select distinct id from pictures where restaurant_id = $1 and at < $2";
    let kept = tx.query(sql, binds![restaurant.0, now.minus(UNNAMED).0]).await?;
    if kept.is_empty() {
        return Ok(());
    }
    let sql = "select picture from items where restaurant_id = $1 and picture is not null";
    let named = tx.query(sql, binds![restaurant.0]).await?;
    let named = named.iter().map(|row| Ok(row.json::<Picture>(0)?.id)).collect::<Result<BTreeSet<_>, Fault>>()?;
    let mut gone = Vec::new();
    for row in &kept {
        let id = row.text(0)?;
        if !named.contains(&id) && gone.len() < GONE_AT_A_TIME {
            gone.push(binds![restaurant.0, id]);
        }
    }
    tx.query_keys("delete from pictures where (restaurant_id, id) in", gone, "").await?;
    Ok(())
}
