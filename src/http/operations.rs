//! For operators: is it alive, is it ready, what does it measure, what does the API look like.

use super::Shared;
use super::caller::{Address, MaybeCaller};
use super::problems::Failure;
use crate::domain::people::Role;
use crate::protocol::problem::Problem;
use crate::protocol::rest::Health;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Extension;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
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
/// Red only for what another node would do better: stopping, or more commands waiting than it writes. What all nodes
/// share and is away, the database or Redis, leaves it green and shows as `degraded`: a balancer must not be left
/// without backends.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, description = "`ok` or `degraded`", body = Health), (status = 503, description = "`draining` or `busy`", body = Health)))]
pub async fn ready(door: Shared) -> (StatusCode, Json<Health>) {
    let red = |status, note: &str| {
        let health = Health { status, notes: vec![note.to_owned()], version: VERSION };
        (StatusCode::SERVICE_UNAVAILABLE, Json(health))
    };
    if door.draining.is_cancelled() || door.stop.is_cancelled() {
        return red("draining", "This node is stopping.");
    }
    let database = database_answers(&door).await;
    if database && door.commands.committer.is_backed_up() {
        return red("busy", "More commands wait here than are written.");
    }
    let silent = door.bus.silent().into_iter().filter(|silent| *silent).count();
    let mut notes = Vec::new();
    if !database {
        notes.push("The database does not answer.".to_owned());
    }
    if silent > 0 {
        notes.push(format!("{silent} of the Redis servers are silent: news of other nodes is looked up."));
    }
    metrics::gauge!(crate::telemetry::DEGRADED).set(if notes.is_empty() { 0.0 } else { 1.0 });
    let status = if notes.is_empty() { "ok" } else { "degraded" };
    (StatusCode::OK, Json(Health { status, notes, version: VERSION }))
}

async fn database_answers(door: &super::Door) -> bool {
    let store = &door.commands.store;
    tokio::time::timeout(LOOK, store.heads(&[])).await.is_ok_and(|read| read.is_ok())
        && tokio::time::timeout(LOOK, crate::store::wide::restaurant_by_slug(&store.db, ""))
            .await
            .is_ok_and(|read| read.is_ok())
}

/// The OpenAPI document, as it is sent.
#[derive(Clone)]
pub struct Api(pub Bytes);

/// This document
#[utoipa::path(get, path = "/api/openapi.json", tag = "operations", responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub async fn openapi(Extension(Api(json)): Extension<Api>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// Metrics in the text format of Prometheus
///
/// For this machine and for the restaurant's admins: they say how much is going on.
#[utoipa::path(get, path = "/metrics", tag = "operations", security((), ("bearer" = [])),
    responses((status = 200, description = "The metrics of this node", body = String, content_type = "text/plain"), (status = 403, description = "`forbidden`", body = Problem)))]
pub async fn metrics(door: Shared, address: Address, MaybeCaller(caller): MaybeCaller) -> Result<Response, Failure> {
    let admin = caller.is_some_and(|claims| claims.actor.is_at_least(Role::Admin));
    if !address.is_local && !admin {
        let detail = "Metrics are served to this machine and to admins.";
        return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", detail));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], door.metrics.render()).into_response())
}
