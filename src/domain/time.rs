//! Points in time: microseconds since 1970 in UTC in the database, RFC 3339 with a `Z` on the wire.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::time::Duration;
use ts_rs::TS;
use utoipa::ToSchema;

/// Microseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, TS, ToSchema)]
#[ts(type = "string")]
#[schema(value_type = String, format = DateTime)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This time, `by` later; stops at the end of what can be counted.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This time, `by` earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Cut to whole milliseconds, the precision of the wire.
    #[must_use]
    pub fn whole_millis(self) -> Self {
        Self(self.0.div_euclid(1000) * 1000)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = if self.0.rem_euclid(1000) == 0 { 3 } else { 6 };
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(at) => write!(f, "{at:.precision$}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let at: jiff::Timestamp = text.parse().map_err(D::Error::custom)?;
        Ok(Self(at.as_microsecond()))
    }
}

/// The restaurant's business day at `at`, as `yyyymmdd`. A day begins at `starts_hour` local time,
/// so that a ticket at half past midnight still counts for last night.
#[must_use]
pub fn business_day(at: Timestamp, timezone: &str, starts_hour: i8) -> i64 {
    let zone = jiff::tz::TimeZone::get(timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let shifted = at.minus(Duration::from_secs(3600 * u64::try_from(starts_hour.max(0)).unwrap_or(0)));
    let date = jiff::Timestamp::from_microsecond(shifted.0).unwrap_or_default().to_zoned(zone).date();
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_time_has_milliseconds_and_comes_back_equal() {
        let at = Timestamp(1_769_886_131_480_000);
        let text = serde_json::to_string(&at).unwrap();
        assert_eq!(text, "\"2026-01-31T19:02:11.480Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), at);
        let exact = Timestamp(1_769_886_131_480_007);
        let text = serde_json::to_string(&exact).unwrap();
        assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap(), exact);
    }

    #[test]
    fn half_past_midnight_belongs_to_the_night_before() {
        let half_past_midnight =
            Timestamp("2026-02-01T00:30:00+01:00".parse::<jiff::Timestamp>().unwrap().as_microsecond());
        assert_eq!(business_day(half_past_midnight, "Europe/Madrid", 4), 20_260_131);
        let five = half_past_midnight.plus(Duration::from_secs(4 * 3600 + 1800));
        assert_eq!(business_day(five, "Europe/Madrid", 4), 20_260_201);
    }
}
