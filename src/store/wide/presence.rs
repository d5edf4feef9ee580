//! Who is online at which node. A node's row is a lease: what a dead one said counts no more when that is over.

use crate::domain::ids::{RestaurantId, ScreenId};
use crate::domain::online::Online;
use crate::domain::time::Timestamp;
use crate::store::db::{Access, Db, binds, to_json};
use crate::store::fault::Fault;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Renews a node's lease, and says what changed at it since the last time.
///
/// # Errors
/// Any fault of the database.
pub async fn tell(db: &Db, node: Uuid, until: Timestamp, changed: &[(RestaurantId, Online)]) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    tx.execute(
        "insert into nodes (id, until) values ($1, $2) on conflict (id) do update set until = excluded.until",
        binds![node, until.0],
    )
    .await?;
    let (gone, there): (Vec<_>, Vec<_>) = changed.iter().partition(|(_, online)| online.is_empty());
    for (restaurant, _) in gone {
        tx.execute("delete from presence where restaurant_id = $1 and node_id = $2", binds![restaurant.0, node])
            .await?;
    }
    let rows =
        there.into_iter().map(|(r, online)| Ok(binds![r.0, node, to_json(online)?])).collect::<Result<_, Fault>>()?;
    tx.execute_rows(
        "insert into presence (restaurant_id, node_id, online)",
        rows,
        "on conflict (restaurant_id, node_id) do update set online = excluded.online",
    )
    .await?;
    tx.commit().await
}

/// A node leaves, with all that it said.
///
/// # Errors
/// Any fault of the database.
pub async fn part(db: &Db, node: Uuid) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    tx.execute("delete from nodes where id = $1", binds![node]).await?;
    tx.commit().await
}

/// Forgets nodes whose lease ended before then.
///
/// # Errors
/// Any fault of the database.
pub async fn forget(db: &Db, before: Timestamp) -> Result<u64, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let gone = tx.execute("delete from nodes where until < $1", binds![before.0]).await?;
    tx.commit().await?;
    Ok(gone)
}

/// What is online at other nodes whose lease lasts.
///
/// # Errors
/// Any fault of the database.
pub async fn elsewhere(db: &Db, restaurant: RestaurantId, node: Uuid, now: Timestamp) -> Result<Online, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let rows = tx
        .query(
            "select p.online from presence p join nodes n on n.id = p.node_id \
             where p.restaurant_id = $1 and p.node_id <> $2 and n.until > $3",
            binds![restaurant.0, node, now.0],
        )
        .await?;
    let mut all = Online::default();
    for row in &rows {
        let online: Online = row.json(0)?;
        all.all |= online.all;
        all.stations.extend(online.stations);
        all.screens.extend::<BTreeSet<ScreenId>>(online.screens);
    }
    Ok(all)
}
