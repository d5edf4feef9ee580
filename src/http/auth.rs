//! Staff logins. The refresh token travels only in an HttpOnly cookie for `/api/auth`, which also demands
//! a same-origin request; the access token only in bodies.

use super::Shared;
use super::caller::{Address, Secure};
use super::problems::Failure;
use super::sent::Sent;
use crate::commands::sessions::Login;
use crate::protocol::problem::Problem;
use crate::protocol::rest::{LoggedIn, LoginRequest};
use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

const COOKIE: &str = "comanda_refresh";

/// Sign in
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = LoginRequest,
    responses((status = 200, description = "Signed in; the refresh token is in a cookie", body = LoggedIn),
        (status = 401, description = "`wrong_credentials`, `choose_restaurant`", body = Problem), (status = 403, description = "`cross_origin`", body = Problem), (status = 429, description = "`limited`", body = Problem), (status = 503, description = "`unavailable`", body = Problem)))]
pub async fn login(
    door: Shared,
    address: Address,
    secure: Secure,
    headers: HeaderMap,
    body: Result<Sent<LoginRequest>, Failure>,
) -> Result<Response, Failure> {
    same_origin(&headers)?;
    let Sent(request) = body?;
    door.limits.login(&request.email, address.network)?;
    let login = door.commands.login(&request.email, request.password, request.restaurant.as_deref(), address.network);
    let login = login.await?;
    Ok(answer(secure, login))
}

/// Get a new access token
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth",
    responses((status = 200, description = "Renewed; the cookie was rotated", body = LoggedIn), (status = 401, description = "`signed_out`", body = Problem),
        (status = 403, description = "`cross_origin`", body = Problem), (status = 503, description = "Another tab renewed it a moment ago; its cookie is the one to use", body = Problem)))]
pub async fn refresh(door: Shared, secure: Secure, headers: HeaderMap) -> Result<Response, Failure> {
    same_origin(&headers)?;
    let token = cookie(&headers).ok_or_else(|| Failure::unauthorized("signed_out"))?;
    let login = door.commands.refresh(token).await?;
    Ok(answer(secure, login))
}

/// Sign out everywhere that this login is used
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 204, description = "Signed out"), (status = 403, description = "`cross_origin`", body = Problem)))]
pub async fn logout(door: Shared, secure: Secure, headers: HeaderMap) -> Result<Response, Failure> {
    same_origin(&headers)?;
    if let Some(token) = cookie(&headers) {
        door.commands.logout(token).await?;
    }
    let gone = set_cookie("", Duration::ZERO, secure);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

pub fn answer(secure: Secure, login: Login) -> Response {
    let cookie = set_cookie(&login.refresh, login.refresh_life, secure);
    ([(header::SET_COOKIE, cookie)], Json(login.answer)).into_response()
}

fn set_cookie(value: &str, life: Duration, secure: Secure) -> String {
    let secure = if secure.0 { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/api/auth; Max-Age={}; HttpOnly; SameSite=Strict{secure}", life.as_secs())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies =
        headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    cookies.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Browsers say where a request comes from; one from another site is refused. What says nothing (curl,
/// a POS) sends no cookie that a browser was made to send.
pub fn same_origin(headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text("host").unwrap_or_default();
    let origin = text("origin")
        .is_none_or(|o| o.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)));
    if site && origin {
        return Ok(());
    }
    Err(Failure::new(StatusCode::FORBIDDEN, "cross_origin", "Sign in from the server's own pages."))
}
