//! Orders: placed, read, listed, cancelled. What an order may be is decided elsewhere.

use super::Shared;
use super::caller::{Caller, Key};
use super::problems::Failure;
use super::sent::Sent;
use crate::commands::ordering::{PAGE, Placed};
use crate::domain::command::{CancelOrder, Contact, Draft};
use crate::domain::ids::{CommandId, OrderId};
use crate::domain::refusal::{FieldProblem, Refusal};
use crate::domain::time::Timestamp;
use crate::domain::topic::Audience;
use crate::protocol::client::CommandMessage;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{GuestOrderAnswer, OrderList, StaffOrderAnswer};
use crate::protocol::view::GuestOrder;
use crate::store::committer::Answer;
use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Place an order
///
/// Prices come from the server. The same `Idempotency-Key` with the same body gives the same answer,
/// however often it is sent.
#[utoipa::path(post, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(("Idempotency-Key" = String, Header, description = "A UUID of the client's own making")),
    request_body = Draft,
    responses((status = 201, description = "Placed; `Location` names it", body = OrderAnswer),
        (status = 400, description = "`key_missing`, `malformed`", body = Problem), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: staff need the role waiter", body = Problem),
        (status = 404, description = "`unknown_table`", body = Problem), (status = 409, description = "`unavailable` (names every line), `total_changed` (has the new total)", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem), (status = 422, description = "`invalid`, `id_reused`", body = Problem),
        (status = 429, description = "`limited`", body = Problem), (status = 503, description = "Try again with the same key", body = Problem)))]
pub async fn place(door: Shared, caller: Caller, key: Key, Sent(draft): Sent<Draft>) -> Result<Response, Failure> {
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
    responses((status = 200, description = "As the caller may see it", body = OrderAnswer), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 404, description = "`unknown_order`", body = Problem), (status = 410, description = "`seating_closed`", body = Problem)))]
pub async fn read(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<OrderAnswer>, Failure> {
    let Path(id) = id?;
    let audience = caller.audience();
    let placed =
        door.commands.read_order(&caller.0, OrderId(id)).await.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(view(placed, audience))
}

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct PageQuery {
    before: Option<String>,
}

/// List orders
///
/// Guests get those of their seating; staff get pages of 50, newest first (`next` is the `before` of the next page).
#[utoipa::path(get, path = "/api/orders", tag = "orders", security(("bearer" = [])),
    params(("before" = Option<String>, Query, description = "Only orders placed before this time, or after a comma also before this number at that time (staff)")),
    responses((status = 200, description = "One page", body = OrderList), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem), (status = 422, description = "`invalid`", body = Problem)))]
pub async fn list(
    door: Shared,
    caller: Caller,
    page: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<OrderList>, Failure> {
    let Query(page) = page?;
    let before = page.before.as_deref().map(before).transpose()?;
    let audience = caller.audience();
    let orders =
        door.commands.list_orders(&caller.0, before).await.map_err(|denied| Failure::denied(denied, audience))?;
    Ok(Json(match audience {
        Audience::Guest => OrderList::Guest { orders: orders.iter().map(|o| GuestOrder::from(&o.order)).collect() },
        Audience::Staff => {
            let full = i64::try_from(orders.len()).is_ok_and(|n| n == PAGE);
            let next = orders.last().filter(|_| full).map(|o| format!("{},{}", o.order.placed_at, o.order.number));
            OrderList::Staff { orders: orders.into_iter().map(|o| o.order).collect(), next }
        }
    }))
}

/// `TIME`, or `TIME,NUMBER` as `next` has it: many orders can be placed in one millisecond.
fn before(text: &str) -> Result<(Timestamp, i64), Failure> {
    let wrong = || {
        let message = "must be a time such as 2026-01-31T19:02:11.480Z, or the `next` of a page".to_owned();
        Refusal::invalid(vec![FieldProblem { field: "before".to_owned(), message }])
    };
    let (time, number) = text.split_once(',').unwrap_or((text, "0"));
    let time = serde_json::from_value(serde_json::Value::from(time)).ok().zip(number.parse().ok());
    time.ok_or_else(|| Failure::refused(wrong(), Audience::Staff))
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
    responses((status = 204, description = "Cancelled"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: another phone's order", body = Problem), (status = 404, description = "`unknown_order`", body = Problem),
        (status = 409, description = "`too_late`, `wrong_state`", body = Problem), (status = 410, description = "`seating_closed`", body = Problem),
        (status = 422, description = "`invalid`: staff gave no reason", body = Problem)))]
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

/// Say where an order is told of
///
/// From here on, also what waits to be sent. In place of what was said before. Leaving an address is agreeing to be told
/// there; when, and in which words, is kept with it. Not for orders that have ended.
#[utoipa::path(put, path = "/api/orders/{id}/contact", tag = "orders", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The order")), request_body = Contact,
    responses((status = 204, description = "It is told there"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: another phone's order; `other_phone`: not the number that was verified", body = Problem),
        (status = 404, description = "`unknown_order`", body = Problem), (status = 409, description = "`wrong_state`", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem), (status = 422, description = "`invalid`", body = Problem)))]
pub async fn tell(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
    Sent(contact): Sent<Contact>,
) -> Result<StatusCode, Failure> {
    set_contact(&door, &caller, id?.0, Some(contact)).await
}

/// Forget where an order is told of
///
/// Nothing more is sent, and the address is gone.
#[utoipa::path(delete, path = "/api/orders/{id}/contact", tag = "orders", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 204, description = "It is told nowhere"), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 403, description = "`forbidden`: another phone's order", body = Problem), (status = 404, description = "`unknown_order`", body = Problem),
        (status = 410, description = "`seating_closed`", body = Problem)))]
pub async fn tell_nobody(
    door: Shared,
    caller: Caller,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<StatusCode, Failure> {
    set_contact(&door, &caller, id?.0, None).await
}

async fn set_contact(
    door: &super::Door,
    caller: &Caller,
    id: Uuid,
    contact: Option<Contact>,
) -> Result<StatusCode, Failure> {
    let done = door.commands.tell(&caller.0, OrderId(id), contact).await;
    done.map_err(|denied| Failure::denied(denied, caller.audience()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// An order as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum OrderAnswer {
    Guest(Box<GuestOrderAnswer>),
    Staff(Box<StaffOrderAnswer>),
}

fn view(placed: Placed, audience: Audience) -> Json<OrderAnswer> {
    let Placed { order, seq, seen_at, .. } = placed;
    Json(match audience {
        Audience::Staff => OrderAnswer::Staff(Box::new(StaffOrderAnswer { order, seq, seen_at })),
        Audience::Guest => {
            OrderAnswer::Guest(Box::new(GuestOrderAnswer { order: GuestOrder::from(&order), seq, seen_at }))
        }
    })
}
