//! The inbox of whoever is signed in, the key that browsers subscribe to push with, and the developers' mailbox.

use super::Shared;
use super::caller::{Address, Caller};
use super::problems::Failure;
use crate::commands::Denied;
use crate::domain::ids::{RestaurantId, UserId};
use crate::domain::people::Actor;
use crate::identity::tokens::Claims;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{Notification, NotificationList, PushKey};
use crate::store::inbox::Mark;
use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

/// Notes that are listed at once.
const LISTED: i64 = 100;

/// List what the restaurant was told
///
/// Of the last day, newest first, without what the caller has put away.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", security(("bearer" = [])),
    responses((status = 200, description = "At most 100", body = NotificationList), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 404, description = "Only people who are signed in have an inbox", body = Problem)))]
pub async fn list(door: Shared, caller: Caller) -> Result<Json<NotificationList>, Failure> {
    let (restaurant, user) = person(&caller.0)?;
    let notes = door.commands.store.inbox(restaurant, user, LISTED).await.map_err(Denied::from)?;
    let notifications = notes
        .into_iter()
        .map(|note| Notification {
            id: note.id,
            kind: note.kind,
            subject: note.subject,
            number: note.vars.number,
            table: note.vars.table,
            reason: note.vars.reason,
            at: note.at,
            read_at: note.read_at,
        })
        .collect();
    Ok(Json(NotificationList { notifications }))
}

/// Mark one as read
#[utoipa::path(post, path = "/api/notifications/{id}/read", tag = "notifications", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The notification")),
    responses((status = 204, description = "Read, by the caller"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 404, description = "There is none", body = Problem)))]
pub async fn read(door: Shared, caller: Caller, id: Result<Path<Uuid>, PathRejection>) -> Result<StatusCode, Failure> {
    mark(&door, &caller.0, id?.0, Mark::Read).await
}

/// Put one away
#[utoipa::path(delete, path = "/api/notifications/{id}", tag = "notifications", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The notification")),
    responses((status = 204, description = "The caller sees it no more; others do"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 404, description = "There is none", body = Problem)))]
pub async fn delete(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<StatusCode, Failure> {
    mark(&door, &caller.0, id?.0, Mark::Deleted).await
}

async fn mark(door: &super::Door, claims: &Claims, id: Uuid, mark: Mark) -> Result<StatusCode, Failure> {
    let who = person(claims)?;
    let now = door.commands.clock.now();
    let known = door.commands.store.mark(who, id, mark, now).await.map_err(Denied::from)?;
    if known { Ok(StatusCode::NO_CONTENT) } else { Err(Failure::not_found()) }
}

fn person(claims: &Claims) -> Result<(RestaurantId, UserId), Failure> {
    match &claims.actor {
        Actor::Staff { user, .. } => Ok((claims.restaurant, *user)),
        Actor::Guest { .. } | Actor::Takeaway { .. } | Actor::Screen { .. } | Actor::System => {
            Err(Failure::not_found())
        }
    }
}

/// What this server can reach guests by
#[utoipa::path(get, path = "/api/push", tag = "notifications",
    responses((status = 200, description = "With the key for `PushManager.subscribe`, if there is one", body = PushKey)))]
pub async fn push_key(door: Shared) -> Json<PushKey> {
    Json(PushKey { key: door.notifier.push_key.clone(), channels: door.notifier.channels() })
}

/// The developers' mailbox
///
/// What would have been sent, while no provider is configured. Only for a browser on the server's own machine.
#[utoipa::path(get, path = "/dev/mailbox", tag = "operations",
    responses((status = 200, description = "The newest messages", content_type = "text/html", body = String),
        (status = 404, description = "Providers are configured, or the caller is somewhere else", body = Problem)))]
pub async fn mailbox(door: Shared, address: Address, headers: HeaderMap) -> Result<Response, Failure> {
    let mailbox = door.notifier.carriers.mailbox.as_ref().filter(|_| address.is_local && is_called_local(&headers));
    let mailbox = mailbox.ok_or_else(Failure::not_found)?;
    let rows: String = mailbox
        .caught()
        .into_iter()
        .map(|caught| {
            format!(
                "<li><p><time>{}</time> <b>{}</b> {}</p><p dir=\"auto\">{}</p></li>",
                caught.at,
                caught.channel.name(),
                escaped(&caught.to),
                escaped(&caught.body)
            )
        })
        .collect();
    let rows = if rows.is_empty() { "<li>Nothing yet.</li>".to_owned() } else { rows };
    let page = include_str!("notifications/mailbox.html").replace("<!-- messages -->", &rows);
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, page).into_response())
}

/// A page elsewhere whose name leads to this machine gets nothing (DNS rebinding).
fn is_called_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(n, _)| n);
    ["localhost", "127.0.0.1", "[::1]"].contains(&name)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
