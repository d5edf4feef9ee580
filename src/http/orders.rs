//! Orders: placed, read, listed, cancelled. What an order may be is decided elsewhere.

use super::Shared;
use super::caller::{Caller, Key};
use super::problems::Failure;
use crate::commands::ordering::{PAGE, Placed};
use crate::domain::command::{CancelOrder, Draft};
use crate::domain::ids::{CommandId, OrderId};
use crate::domain::time::Timestamp;
use crate::domain::topic::Audience;
use crate::protocol::client::CommandMessage;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{GuestOrderAnswer, OrderList, StaffOrderAnswer};
use crate::protocol::view::GuestOrder;
use crate::store::committer::Answer;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

/// Place an order
///
/// Prices come from the server. The same `Idempotency-Key` with the same body gives the same answer,
/// however often it is sent.
#[utoipa::path(post, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "A UUID of the client's own making")),
    request_body = Draft,
    responses((status = 201, description = "Placed; `Location` names it", body = GuestOrderAnswer),
        (status = 409, description = "`unavailable` (names every line), `total_changed` (has the new total)", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem), (status = 422, description = "`invalid`, `id_reused`", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "Try again with the same key", body = Problem)))]
pub async fn place(
    door: Shared,
    caller: Caller,
    key: Key,
    draft: Result<Json<Draft>, JsonRejection>,
) -> Result<Response, Failure> {
    let Json(draft) = draft?;
    door.limits.order(&caller.0)?;
    let audience = caller.audience();
    let placed =
        door.commands.place(&caller.0, key.0, draft).await.map_err(|denied| Failure::denied(denied, audience))?;
    let location = format!("/api/orders/{}", placed.order.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], view(placed, audience)).into_response())
}

/// Read one order
#[utoipa::path(get, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "As the caller may see it", body = GuestOrderAnswer), (status = 404, description = "`unknown_order`", body = Problem)))]
pub async fn read(door: Shared, caller: Caller, id: Result<Path<Uuid>, PathRejection>) -> Result<Response, Failure> {
    let Path(id) = id?;
    let audience = caller.audience();
    let placed =
        door.commands.read_order(&caller.0, OrderId(id)).await.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(view(placed, audience))
}

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct PageQuery {
    before: Option<Timestamp>,
}

/// List orders
///
/// Guests get those of their seating; staff get pages of 50, newest first (`next` is the `before` of the next page).
#[utoipa::path(get, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(("before" = Option<String>, Query, description = "Only orders placed before this time (staff)")),
    responses((status = 200, description = "`{orders, next?}`", body = Object)))]
pub async fn list(
    door: Shared,
    caller: Caller,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<OrderList>, Failure> {
    let Query(page) = page?;
    let audience = caller.audience();
    let orders =
        door.commands.list_orders(&caller.0, page.before).await.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(Json(match audience {
        Audience::Guest => OrderList::Guest { orders: orders.iter().map(|o| GuestOrder::from(&o.order)).collect() },
        Audience::Staff => {
            let full = i64::try_from(orders.len()).is_ok_and(|n| n == PAGE);
            let next = orders.last().filter(|_| full).map(|o| o.order.placed_at.to_string());
            OrderList::Staff { orders: orders.into_iter().map(|o| o.order).collect(), next }
        }
    }))
}

/// Why an order is cancelled; guests need no reason.
#[derive(Deserialize)]
pub struct CancelQuery {
    reason: Option<String>,
}

/// Cancel an order
///
/// Guests while it is pending, or within 60 s while nothing was begun; staff with a `reason` until it is completed.
#[utoipa::path(delete, path = "/api/orders/{id}", tag = "orders", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The order"), ("reason" = Option<String>, Query, description = "Staff must give one")),
    responses((status = 204, description = "Cancelled"), (status = 409, description = "`too_late`, `wrong_state`", body = Problem)))]
pub async fn cancel(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
    query: Result<Query<CancelQuery>, QueryRejection>,
) -> Result<StatusCode, Failure> {
    let (Path(id), Query(query)) = (id?, query?);
    let args = serde_json::to_value(CancelOrder { order: OrderId(id), reason: query.reason }).unwrap_or_default();
    let command = CommandId((door.commands.source.id)());
    let message = CommandMessage { id: command, name: "order.cancel".to_owned(), args, base_version: None };
    match door.commands.tap(&caller.0, message).await {
        Answer::Accepted(_) => Ok(StatusCode::NO_CONTENT),
        Answer::Refused(refusal) => Err(Failure::refused(refusal, caller.audience())),
        Answer::NotTried(why) => Err(Failure::unavailable(why)),
    }
}

fn view(placed: Placed, audience: Audience) -> Response {
    let Placed { order, seq, seen_at, .. } = placed;
    match audience {
        Audience::Staff => Json(StaffOrderAnswer { order, seq, seen_at }).into_response(),
        Audience::Guest => Json(GuestOrderAnswer { order: GuestOrder::from(&order), seq, seen_at }).into_response(),
    }
}
