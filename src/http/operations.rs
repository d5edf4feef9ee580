//! For operators: is it alive, is it ready, what does it measure, what does the API look like.

use super::caller::{Address, MaybeCaller};
use super::problems::Failure;
use super::{Door, Shared};
use crate::domain::people::Role;
use crate::protocol::rest::Health;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;
use std::time::Duration;

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The database has this long to answer a readiness check.
const LOOK: Duration = Duration::from_millis(500);

/// Is the process alive?
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "It is", body = Health)))]
pub async fn health() -> Json<Health> {
    Json(Health { status: "ok", notes: Vec::new(), version: VERSION })
}

/// Should it get traffic?
///
/// Red only for what another node would do better: stopping. A database that is away leaves it green and
/// shows as `degraded`: a balancer must not be left without backends.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "`ok` or `degraded`", body = Health), (status = 503, description = "`draining`", body = Health)))]
pub async fn ready(door: Shared) -> (StatusCode, Json<Health>) {
    if door.stop.is_cancelled() {
        let notes = vec!["This node is stopping.".to_owned()];
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "draining", notes, version: VERSION }));
    }
    let answers = tokio::time::timeout(LOOK, door.commands.store.heads(&[])).await.is_ok_and(|read| read.is_ok())
        && tokio::time::timeout(LOOK, crate::store::wide::restaurant_by_slug(&door.commands.store.db, ""))
            .await
            .is_ok_and(|r| r.is_ok());
    metrics::gauge!(crate::telemetry::DEGRADED).set(if answers { 0.0 } else { 1.0 });
    let (status, notes) =
        if answers { ("ok", Vec::new()) } else { ("degraded", vec!["The database does not answer.".to_owned()]) };
    (StatusCode::OK, Json(Health { status, notes, version: VERSION }))
}

/// The document, a page to browse it, and the metrics.
pub fn routes(document: utoipa::openapi::OpenApi) -> Router<Arc<Door>> {
    let json = document.to_json().unwrap_or_default();
    let openapi = move || {
        let json = json.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], json) }
    };
    Router::new().route("/api/openapi.json", get(openapi)).route("/metrics", get(metrics))
}

/// Metrics are for this machine and for the restaurant's admins: they say how much is going on.
async fn metrics(
    door: Shared,
    Address(address): Address,
    MaybeCaller(caller): MaybeCaller,
) -> Result<Response, Failure> {
    let admin = caller.is_some_and(|claims| claims.actor.is_at_least(Role::Admin));
    if !address.is_loopback() && !admin {
        return Err(Failure::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Metrics are served to this machine and to admins.",
        ));
    }
    let text = door.metrics.render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
