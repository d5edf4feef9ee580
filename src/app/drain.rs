//! A stop among other nodes: this one's clients are sent to them in waves, so that nobody is dark for long and the
//! others are not stormed.

use crate::hub::Hub;
use crate::protocol::close::Close;
use std::time::Duration;

/// Between two waves.
const WAVE: Duration = Duration::from_millis(50);
/// The waves take this part of the drain time; the rest is for what they left under way.
const WAVES_PART: f64 = 0.6;

/// Sends every connection away, spread over a part of `within`.
pub async fn send_away(hub: &Hub, within: Duration) {
    let waves = (within.mul_f64(WAVES_PART).as_millis() / WAVE.as_millis()).max(1);
    let share = hub.connections().div_ceil(usize::try_from(waves).unwrap_or(1));
    let mut tick = tokio::time::interval(WAVE);
    // One wave more: whoever said hello just now.
    for _ in 0..=waves {
        tick.tick().await;
        hub.send_away(share, Close::Moving);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RestaurantId;
    use crate::domain::people::Actor;
    use crate::hub::connection::Connection;
    use crate::hub::ring::RingLimits;
    use std::sync::Arc;
    use tokio::time::Instant;
    use uuid::Uuid;

    #[tokio::test(start_paused = true)]
    async fn connections_leave_in_waves_and_all_of_them() {
        let hub = Arc::new(Hub::new(RingLimits { events: 1, bytes: 1, node_bytes: 1 }));
        let all: Vec<_> = (0..100)
            .map(|n| {
                let connection = Arc::new(Connection::new(n, &Actor::System));
                hub.room(RestaurantId(Uuid::from_u128(u128::from(n % 7)))).join(&connection);
                connection
            })
            .collect();
        let left = || all.iter().filter(|connection| connection.ending().is_none()).count();
        let away = send_away(&hub, Duration::from_secs(5));
        tokio::pin!(away);
        let half = tokio::time::timeout(Duration::from_millis(1500), &mut away).await;
        assert!(half.is_err() && (30..70).contains(&left()), "{} are left after half of the waves", left());
        let begin = Instant::now();
        away.await;
        assert_eq!(left(), 0);
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    }
}
