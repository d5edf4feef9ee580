//! The wall clock, handed to whatever needs the time (L11), so that tests can set it.
//! Only `app` makes the real one. Waiting is not its business: local waits use a monotonic clock.

use crate::domain::time::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Tells the time in UTC, cut to whole milliseconds. Copies tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock. It may jump when the machine is set right.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Self(Arc::new(|| Timestamp(jiff::Timestamp::now().as_microsecond())))
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(move || at))
    }

    /// A clock that stands still until its hand is moved.
    #[must_use]
    pub fn settable(at: Timestamp) -> (Self, Hand) {
        let hand = Hand(Arc::new(AtomicI64::new(at.0)));
        let read = hand.clone();
        (Self(Arc::new(move || Timestamp(read.0.load(Ordering::SeqCst)))), hand)
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)().whole_millis()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Moves a settable clock, and every copy of it.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_whole_milliseconds() {
        assert_eq!(Clock::fixed(Timestamp(1_999)).now(), Timestamp(1_000));
        assert_eq!(Clock::system().now().0 % 1000, 0);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the clock is compared with the machine's")]
    fn the_system_clock_agrees_with_the_machine() {
        let machine = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
        let told = u128::try_from(Clock::system().now().0).unwrap();
        assert!(told.abs_diff(machine) < 60_000_000);
    }

    #[test]
    fn a_moved_hand_moves_every_copy() {
        let (clock, hand) = Clock::settable(Timestamp(0));
        let copy = clock.clone();
        hand.advance(Duration::from_secs(2));
        assert_eq!((clock.now(), copy.now()), (Timestamp(2_000_000), Timestamp(2_000_000)));
        hand.set(Timestamp(5_000));
        assert_eq!(copy.now(), Timestamp(5_000));
    }
}
