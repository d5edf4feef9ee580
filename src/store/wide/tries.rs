//! Counted tries: one row for each account, address or whatever else is counted. The row's lock makes the
//! count exact on any number of nodes, and it is there after a restart.

use crate::domain::time::Timestamp;
use crate::store::db::{Access, Db, binds};
use crate::store::fault::Fault;
use std::time::Duration;

/// So many of something are allowed within a while of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub kind: &'static str,
    /// A digest of who or what is counted.
    pub subject: [u8; 32],
    pub most: i64,
    pub within: Duration,
}

/// Counts one try against each of the bounds, before it is looked whether it is right: whoever tries in
/// parallel, or on many nodes, gets no more of them. Nothing is counted when one of the bounds is reached; then
/// the answer is how long to wait. Bounds have to come in the same order everywhere, kind by kind.
///
/// # Errors
/// Any fault of the database.
pub async fn count(db: &Db, bounds: &[Bound], now: Timestamp) -> Result<Option<Duration>, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    for bound in bounds {
        // A row whose time is over begins anew; so does one from a future that a wrong clock made. Clocks of
        // nodes differ a little, and so may the times of two requests: that is no such future.
        let (ends_at, too_late) = (now.plus(bound.within), now.plus(bound.within * 2));
        let counted = tx
            .query(
                "insert into tries (kind, subject, count, ends_at) values ($1, $2, 1, $3) \
                 on conflict (kind, subject) do update set \
                 count = case when tries.ends_at <= $4 or tries.ends_at > $6 then 1 else tries.count + 1 end, \
                 ends_at = case when tries.ends_at <= $4 or tries.ends_at > $6 then excluded.ends_at else tries.ends_at end \
                 where tries.ends_at <= $4 or tries.ends_at > $6 or tries.count < $5 returning count",
                binds![bound.kind, bound.subject.to_vec(), ends_at.0, now.0, bound.most, too_late.0],
            )
            .await?;
        if counted.is_empty() {
            drop(tx);
            return wait(db, bounds, now).await.map(Some);
        }
    }
    tx.commit().await?;
    Ok(None)
}

/// How long until none of the bounds is reached any more; a moment, if that is so already.
async fn wait(db: &Db, bounds: &[Bound], now: Timestamp) -> Result<Duration, Fault> {
    let mut tx = db.begin(Access::WideRead).await?;
    let mut longest = Duration::ZERO;
    for bound in bounds {
        let rows = tx
            .query(
                "select ends_at from tries where kind = $1 and subject = $2 and count >= $3",
                binds![bound.kind, bound.subject.to_vec(), bound.most],
            )
            .await?;
        for row in &rows {
            longest = longest.max(Timestamp(row.int(0)?).since(now));
        }
    }
    Ok(longest)
}

/// A right answer: what was counted for `cleared` is forgotten, `returned` get this one try back.
///
/// # Errors
/// Any fault of the database.
pub async fn right(db: &Db, cleared: &[Bound], returned: &[Bound]) -> Result<(), Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    for bound in cleared {
        let sql = "delete from tries where kind = $1 and subject = $2";
        tx.execute(sql, binds![bound.kind, bound.subject.to_vec()]).await?;
    }
    for bound in returned {
        let sql = "update tries set count = count - 1 where kind = $1 and subject = $2 and count > 0";
        tx.execute(sql, binds![bound.kind, bound.subject.to_vec()]).await?;
    }
    tx.commit().await
}

/// Forgets what counts for nothing any more: tries whose time is over, wishes to be paired that nobody
/// confirmed in time, phones that were not verified in time, logins that nobody prolonged. At most `batch` rows of each; says whether more are left.
///
/// # Errors
/// Any fault of the database.
pub async fn prune(db: &Db, now: Timestamp, batch: i64) -> Result<bool, Fault> {
    let mut tx = db.begin(Access::WideWrite).await?;
    let mut more = false;
    for sql in [
        "delete from verifications where ends_at < $1 and (restaurant_id, id) in \
         (select restaurant_id, id from verifications where ends_at < $1 order by ends_at limit $2)",
        "delete from tries where ends_at < $1 and (kind, subject) in \
         (select kind, subject from tries where ends_at < $1 order by ends_at limit $2)",
        "delete from pairings where expires_at < $1 and (restaurant_id, code_hash) in \
         (select restaurant_id, code_hash from pairings where expires_at < $1 order by expires_at limit $2)",
        "delete from sessions where expires_at < $1 and (restaurant_id, id) in \
         (select restaurant_id, id from sessions where expires_at < $1 order by expires_at limit $2)",
        "delete from screen_sessions where expires_at < $1 and (restaurant_id, id) in \
         (select restaurant_id, id from screen_sessions where expires_at < $1 order by expires_at limit $2)",
    ] {
        more |= i64::try_from(tx.execute(sql, binds![now.0, batch]).await?).is_ok_and(|gone| gone >= batch);
    }
    tx.commit().await?;
    Ok(more)
}
