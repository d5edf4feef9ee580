//! One clock for all processes of a measurement, and command ids that carry when they were due: whoever hears an
//! event can tell how long it took without knowing who caused it.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use uuid::Uuid;

/// Microseconds since this machine started, the same in every process.
pub fn now_us() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let (seconds, nanoseconds) = (u64::try_from(now.tv_sec).unwrap_or(0), u64::try_from(now.tv_nsec).unwrap_or(0));
    seconds * 1_000_000 + nanoseconds / 1000
}

pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A fresh id (RFC 9562 §5.8) of a command that is due at `us`. The server makes none of this version itself.
pub fn id_due(us: u64) -> Uuid {
    let mut bytes = *Uuid::new_v4().as_bytes();
    // 48 bits of microseconds are nine years.
    bytes[..6].copy_from_slice(&us.to_be_bytes()[2..]);
    Uuid::new_v8(bytes)
}

/// When it was due, if it is such an id.
pub fn due_of(id: Uuid) -> Option<u64> {
    let mut us = [0; 8];
    us[2..].copy_from_slice(&id.as_bytes()[..6]);
    (id.get_version_num() == 8).then(|| u64::from_be_bytes(us))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_carries_its_time_and_no_other_id_does() {
        let now = now_us();
        assert_eq!(due_of(id_due(now)), Some(now));
        assert_ne!(id_due(now), id_due(now));
        assert_eq!((due_of(Uuid::new_v4()), due_of(Uuid::now_v7())), (None, None));
    }
}
