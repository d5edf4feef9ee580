//! The thin HTTP door (DESIGN §7): places orders, lets people in, and serves what cannot be a socket.
//! Translates; decides nothing. The OpenAPI document is made from the same lines as the routes.

mod auth;
mod caller;
mod commands;
mod deadline;
mod docs;
mod feed;
mod hooks;
mod limits;
mod menu;
mod negotiation;
mod notifications;
mod operations;
mod orders;
mod pictures;
mod problems;
mod reports;
mod screens;
mod seatings;
mod security;
mod sent;
mod settings;
mod staff;
mod tables;
mod takeaway;
mod trust;
mod web;

use crate::bus::Reach;
use crate::commands::Commands;
use crate::config::{Config, IpNet};
use crate::hub::Hub;
use crate::notify::Notifier;
use crate::pictures::PICTURE_BYTES;
use crate::relay::Relay;
use axum::extract::{DefaultBodyLimit, Extension};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::{Router, middleware};
use deadline::Deadline;
use limits::Limits;
pub use menu::PackedMenus;
use metrics_exporter_prometheus::PrometheusHandle;
use security::Guard;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower_http::cors::CorsLayer;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the handlers share.
pub struct Door {
    pub commands: Arc<Commands>,
    pub notifier: Arc<Notifier>,
    pub relay: Relay,
    pub hub: Arc<Hub>,
    pub limits: Limits,
    pub menus: PackedMenus,
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may call this one.
    pub origins: Vec<String>,
    pub public_url: String,
    /// Links are HTTPS.
    pub secure: bool,
    /// There while the certificate is of a local authority.
    pub trust: Option<Trust>,
    pub metrics: PrometheusHandle,
    pub bus: Reach,
    pub draining: CancellationToken,
    pub stop: CancellationToken,
}

/// What a device needs to trust the server's own authority.
pub struct Trust {
    /// In PEM.
    pub certificate: String,
    pub fingerprint: String,
    pub https_port: u16,
}

/// Laid over the routes of a listener that speaks TLS.
#[derive(Clone, Copy)]
pub struct OverTls;

type Shared = axum::extract::State<Arc<Door>>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Comanda",
        description = "The thin HTTP door of the order hub. Everything live goes over the socket; docs/PROTOCOL.md has both.",
        license(name = "Apache-2.0")
    ),
    components(schemas(crate::domain::command::Command)),
    tags(
        (name = "orders", description = "Placed, read, listed, cancelled"),
        (name = "seatings", description = "A scan of the code on a table"),
        (name = "menu", description = "What can be ordered"),
        (name = "takeaway", description = "Orders without a table: times to pick them up, and the phone they come from"),
        (name = "commands", description = "Everything that a screen or a console does, the same words as on the socket"),
        (name = "feed", description = "The long poll, for networks that block sockets"),
        (name = "tables", description = "Tables and their printed codes"),
        (name = "auth", description = "Logins of the staff"),
        (name = "screens", description = "Paired kitchen screens"),
        (name = "staff", description = "Who works here"),
        (name = "settings", description = "What a restaurant wants, as its manager may change it"),
        (name = "notifications", description = "What the staff are told, and how guests can be"),
        (name = "hooks", description = "What providers tell, by signed requests"),
        (name = "operations", description = "Health, metrics, this document")
    ),
    modifiers(&Bearer)
)]
struct Document;

/// How tokens travel: a scan or a login gives one.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(token));
    }
}

/// A picture may take so much longer than other requests: a phone sends it.
const UPLOAD: Duration = Duration::from_secs(20);

/// What a request may take; the long poll waits on top of it.
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

/// All routes, those of the `socket` among them: what stands around one door stands around both.
pub fn router(door: Arc<Door>, bounds: &Bounds, socket: Router) -> Router {
    let within = |time: Duration| {
        middleware::from_fn_with_state(Deadline { time, body_bytes: bounds.body_bytes }, deadline::keep)
    };
    let polls = OpenApiRouter::new().routes(routes!(feed::feed)).layer(within(bounds.request + feed::WAIT));
    let large = Deadline { time: bounds.request + UPLOAD, body_bytes: PICTURE_BYTES };
    let uploads = OpenApiRouter::new()
        .routes(routes!(pictures::put, pictures::remove))
        .layer(middleware::from_fn_with_state(large, deadline::keep));
    let (routes, document) = calls().layer(within(bounds.request)).merge(polls).merge(uploads).split_for_parts();
    // Who trusts a local authority no more must still get at the page that says how.
    let stay = door.secure && door.trust.is_none();
    let guard = Guard { secure: stay, id: Arc::clone(&door.commands.source.id) };
    let origins = cors(&door.origins);
    let routes = routes
        .method_not_allowed_fallback(problems::wrong_method)
        .fallback(web::serve)
        // `deadline` has read the body by then, and knows the bound.
        .layer(DefaultBodyLimit::disable())
        .layer(Extension(operations::Api(document.to_json().unwrap_or_default().into())))
        .with_state(door)
        .merge(socket.method_not_allowed_fallback(problems::wrong_method));
    security::guarded(if let Some(origins) = origins { routes.layer(origins) } else { routes }, guard)
}

/// What is answered as soon as it can be.
fn calls() -> OpenApiRouter<Arc<Door>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(orders::place, orders::list))
        .routes(routes!(orders::read, orders::cancel))
        .routes(routes!(orders::tell, orders::tell_nobody))
        .routes(routes!(settings::messages, settings::set_messages))
        .routes(routes!(seatings::scan))
        .routes(routes!(seatings::pin))
        .routes(routes!(menu::menu))
        .routes(routes!(pictures::read))
        .routes(routes!(takeaway::slots))
        .routes(routes!(takeaway::ask))
        .routes(routes!(takeaway::verify))
        .routes(routes!(takeaway::renew, takeaway::forget))
        .routes(routes!(commands::batch))
        .routes(routes!(tables::list))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(screens::ask))
        .routes(routes!(screens::collect))
        .routes(routes!(screens::list, screens::confirm))
        .routes(routes!(staff::list, staff::add))
        .routes(routes!(staff::reset_password))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::delete))
        .routes(routes!(notifications::push_key))
        .routes(routes!(notifications::mailbox))
        .routes(routes!(hooks::status))
        .routes(routes!(hooks::inbound))
        .routes(routes!(reports::estimates))
        .routes(routes!(operations::health))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi))
        .routes(routes!(trust::read))
        .routes(routes!(trust::certificate))
        .routes(routes!(docs::page))
        .routes(routes!(docs::file))
}

/// Pages of listed origins may call with a token in hand; cookies stay at home.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    let origins: Vec<_> = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers([header::LOCATION, header::RETRY_AFTER, header::ETAG, security::REQUEST_ID])
        .max_age(Duration::from_secs(600));
    (!origins.is_empty()).then(|| layer.allow_origin(origins))
}

/// The client's address: the peer's, or what trusted proxies say it is (the right-most address of
/// X-Forwarded-For that is not a trusted proxy itself).
#[must_use]
pub fn client_address(trusted: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    caller::client_address(trusted, peer, headers)
}

/// Sends everybody to the same path at another address.
pub fn elsewhere(base: String) -> Router {
    let send = move |uri: axum::http::Uri| {
        let to = format!("{base}{}", uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str));
        async move { axum::response::Redirect::permanent(&to) }
    };
    Router::new().fallback(send)
}

/// Are the pages inside this binary?
#[must_use]
pub fn has_pages() -> bool {
    web::is_built_in()
}
