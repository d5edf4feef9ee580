//! Reports for managers.

use super::Shared;
use super::caller::Caller;
use super::problems::Failure;
use crate::commands::reports::REPORT_DAYS;
use crate::domain::estimate::Accuracy;
use crate::domain::refusal::{FieldProblem, Refusal};
use crate::domain::topic::Audience;
use crate::protocol::problem::Problem;
use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::Deserialize;

/// How far to look back.
#[derive(Deserialize)]
pub struct DaysQuery {
    days: Option<u16>,
}

/// A week, unless something else is asked for.
const DAYS: u16 = 7;

/// Read how wrong the estimates were
///
/// Of all orders that came whole: how far the promised range was from the moment when they were ready, beside what the
/// menu's minutes alone would have missed it by.
#[utoipa::path(get, path = "/api/reports/estimates", tag = "operations", security(("bearer" = [])),
    params(("days" = Option<u16>, Query, description = "How far to look back: 1 to 90, 7 if it is not said")),
    responses((status = 200, description = "Over these days", body = Accuracy), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: needs the role manager", body = Problem), (status = 422, description = "`invalid`", body = Problem),
        (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn estimates(
    door: Shared,
    caller: Caller,
    query: Result<Query<DaysQuery>, QueryRejection>,
) -> Result<Json<Accuracy>, Failure> {
    let Query(query) = query?;
    let days = query.days.unwrap_or(DAYS);
    if !(1..=REPORT_DAYS).contains(&days) {
        let message = format!("must be between 1 and {REPORT_DAYS}");
        let refusal = Refusal::invalid(vec![FieldProblem { field: "days".to_owned(), message }]);
        return Err(Failure::refused(refusal, Audience::Staff));
    }
    let accuracy = door.commands.accuracy(&caller.0, days).await;
    accuracy.map(Json).map_err(|denied| Failure::denied(denied, Audience::Staff))
}
