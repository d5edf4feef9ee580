//! How wrong the promises were: what was said when an order reached the kitchen, against when it was ready.

use crate::domain::estimate::Promise;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// One order that was promised, and then ready.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub promise: Promise,
    pub ready_at: Timestamp,
}

/// How far promises were from what happened, over some orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Accuracy {
    #[ts(type = "number")]
    pub orders: i64,
    /// Mean distance of the range's middle from what happened.
    #[ts(type = "number")]
    pub error_seconds: i64,
    /// The same, had the menu's minutes been promised.
    #[ts(type = "number")]
    pub menu_error_seconds: i64,
    /// Orders per thousand that were ready within the range, before it, after it.
    #[ts(type = "number")]
    pub within_permille: i64,
    #[ts(type = "number")]
    pub early_permille: i64,
    #[ts(type = "number")]
    pub late_permille: i64,
    /// Mean width of the range.
    #[ts(type = "number")]
    pub width_seconds: i64,
}

#[must_use]
pub fn accuracy(outcomes: &[Outcome]) -> Accuracy {
    let orders = i64::try_from(outcomes.len()).unwrap_or(i64::MAX);
    let mut sum = Accuracy { orders, ..Accuracy::default() };
    for Outcome { promise, ready_at } in outcomes {
        sum.error_seconds += apart(promise.middle, *ready_at);
        sum.menu_error_seconds += apart(promise.by_menu, *ready_at);
        sum.width_seconds += apart(promise.from, promise.to);
        sum.early_permille += i64::from(*ready_at < promise.from) * 1000;
        sum.late_permille += i64::from(*ready_at > promise.to) * 1000;
    }
    let mean = |total: i64| if orders == 0 { 0 } else { (total + orders / 2) / orders };
    let (early, late) = (mean(sum.early_permille), mean(sum.late_permille));
    Accuracy {
        orders,
        error_seconds: mean(sum.error_seconds),
        menu_error_seconds: mean(sum.menu_error_seconds),
        within_permille: if orders == 0 { 0 } else { (1000 - early - late).max(0) },
        early_permille: early,
        late_permille: late,
        width_seconds: mean(sum.width_seconds),
    }
}

fn apart(one: Timestamp, other: Timestamp) -> i64 {
    (one.0 - other.0).abs() / 1_000_000
}
