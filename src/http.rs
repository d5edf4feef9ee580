//! The thin HTTP door (DESIGN §7): places orders, lets people in, and serves what cannot be a socket.
//! Translates; decides nothing. The OpenAPI document is made from the same lines as the routes.

mod auth;
mod caller;
mod commands;
mod feed;
mod limits;
mod menu;
mod operations;
mod orders;
mod problems;
mod seatings;
mod security;
mod tables;
mod web;

use crate::commands::Commands;
use crate::config::{Config, IpNet};
use crate::hub::Hub;
use crate::relay::Relay;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware;
use limits::Limits;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers share.
pub struct Door {
    pub commands: Arc<Commands>,
    pub relay: Relay,
    pub hub: Arc<Hub>,
    pub limits: Limits,
    pub trusted_proxies: Vec<IpNet>,
    pub public_url: String,
    /// Cookies get `Secure` unless links are plain HTTP.
    pub secure: bool,
    pub metrics: PrometheusHandle,
    pub stop: CancellationToken,
}

type Shared = axum::extract::State<Arc<Door>>;

#[derive(OpenApi)]
#[openapi(info(
    title = "Comanda",
    description = "The thin HTTP door of the order hub. Everything live goes over the socket; docs/PROTOCOL.md has both.",
    license(name = "Apache-2.0")
))]
struct Document;

/// A request may wait for its answer this long; the long poll has a bound of its own below it.
pub struct Bounds {
    pub request: Duration,
    pub body_bytes: usize,
}

impl Door {
    #[must_use]
    pub fn limits(config: &Config) -> Limits {
        Limits::new(&config.limits)
    }
}

/// All routes but the socket's.
pub fn router(door: Arc<Door>, bounds: &Bounds) -> Router {
    let (api, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(orders::place, orders::list))
        .routes(routes!(orders::read, orders::cancel))
        .routes(routes!(seatings::scan))
        .routes(routes!(menu::menu))
        .routes(routes!(commands::batch))
        .routes(routes!(tables::list))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(operations::health))
        .routes(routes!(operations::ready))
        .split_for_parts();
    let timed = api
        .merge(operations::routes(document))
        .fallback(web::serve)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, bounds.request));
    timed
        .merge(feed::routes())
        .layer(DefaultBodyLimit::max(bounds.body_bytes))
        .layer(middleware::from_fn_with_state(Arc::clone(&door), security::guard))
        .layer(CatchPanicLayer::custom(problems::panicked))
        .with_state(door)
}

/// The client's address: the peer's, or what trusted proxies say it is (the right-most address of
/// X-Forwarded-For that is not a trusted proxy itself).
#[must_use]
pub fn client_address(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    caller::client_address(trusted, peer, headers)
}

/// Are the pages inside this binary?
#[must_use]
pub fn has_pages() -> bool {
    web::is_built_in()
}
