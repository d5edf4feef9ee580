//! Beats: who hears nothing else hears that it is still heard (W6).

use super::Relay;
use std::time::Duration;

/// Beats are looked after in so many turns, each a part of the restaurants.
const BEAT_TURNS: u32 = 20;

impl Relay {
    /// Sends the beats that are due, until stopped. Restaurants take turns: an order that comes along must not wait for
    /// the beats of all of them.
    pub async fn beat(self, staff: Duration, guest: Duration) {
        let every = staff.min(Duration::from_secs(1));
        let mut tick = tokio::time::interval(every / BEAT_TURNS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // A beat that would be due just after a turn is due with it.
        let (staff, guest) = (staff - every / 2, guest.saturating_sub(every / 2));
        loop {
            let rooms = self.0.hub.rooms();
            let mut turns = rooms.chunks(rooms.len().div_ceil(BEAT_TURNS as usize).max(1));
            for _ in 0..BEAT_TURNS {
                tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    _ = tick.tick() => {}
                }
                for room in turns.next().into_iter().flatten() {
                    room.beat(self.0.clock.now(), staff, guest);
                }
            }
        }
    }
}
