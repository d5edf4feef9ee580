//! Tables with the links of their printed codes, for whoever prints them.

use super::Shared;
use super::caller::Caller;
use super::problems::Failure;
use crate::domain::people::Role;
use crate::domain::restaurant::Table;
use crate::identity::codes::TableCode;
use crate::protocol::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A table, and what its code says.
#[derive(Serialize, ToSchema)]
pub struct TableLink {
    #[serde(flatten)]
    table: Table,
    /// What the printed code contains.
    link: String,
}

/// List tables with the links of their codes
#[utoipa::path(get, path = "/api/tables", tag = "tables", security(("bearer" = [])),
    responses((status = 200, description = "All tables", body = Vec<TableLink>), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem), (status = 403, description = "`forbidden`: needs the role waiter", body = Problem)))]
pub async fn list(door: Shared, caller: Caller) -> Result<Json<Vec<TableLink>>, Failure> {
    if !caller.0.actor.is_at_least(Role::Waiter) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", "This needs the role `waiter` or higher."));
    }
    let restaurant = caller.0.restaurant;
    let tables = door.commands.store.tables(restaurant).await.map_err(crate::commands::Denied::from)?;
    let link = |table: &Table| {
        let code = TableCode { restaurant, table: table.id, version: table.code_version };
        format!("{}/t/{}", door.public_url, door.commands.codes.sign(&code))
    };
    Ok(Json(tables.into_iter().map(|table| TableLink { link: link(&table), table }).collect()))
}
