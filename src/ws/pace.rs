//! How fast one client may send messages: a generic cell rate in one number, so that an idle connection
//! carries no more. (`governor` does the same in a hundred bytes, and counts everything else.)

use std::num::NonZeroU32;
use std::time::Duration;

/// What a client has used of its share.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// Microseconds after the beginning at which everything used so far is earned again.
    earned_us: u64,
}

impl Pace {
    /// Takes one message at `since` the beginning; false if it comes too early.
    pub fn take(&mut self, since: Duration, per_second: NonZeroU32, burst: NonZeroU32) -> bool {
        let now_us = u64::try_from(since.as_micros()).unwrap_or(u64::MAX);
        let each_us = 1_000_000 / u64::from(per_second.get());
        let earned_us = self.earned_us.max(now_us).saturating_add(each_us);
        let is_early = earned_us - now_us > each_us.saturating_mul(burst.get().into());
        if !is_early {
            self.earned_us = earned_us;
        }
        !is_early
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_at_once_then_the_rate_and_after_a_rest_a_burst_again() {
        let (rate, burst) = (NonZeroU32::new(20).unwrap(), NonZeroU32::new(60).unwrap());
        let mut pace = Pace::default();
        let at = |ms| Duration::from_millis(ms);
        let taken = |pace: &mut Pace, ms| (0..100).filter(|_| pace.take(at(ms), rate, burst)).count();
        assert_eq!(taken(&mut pace, 7), 60);
        assert_eq!(taken(&mut pace, 1007), 20);
        assert_eq!(taken(&mut pace, 1056), 0, "49 ms earn nothing");
        assert_eq!(taken(&mut pace, 1057), 1);
        assert_eq!(taken(&mut pace, 60_000), 60, "no more than a burst is saved up");
    }
}
