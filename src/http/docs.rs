//! A page to read the API by, made from its OpenAPI document in the browser. No host but this server has a
//! part in it, and the policy of all pages holds for it too: scripts and styles are files of their own.

use super::problems::Failure;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::header;
use axum::response::{IntoResponse, Response};

const PAGE: &str = include_str!("docs/page.html");
const STYLE: &str = include_str!("docs/page.css");
const SCRIPT: &str = include_str!("docs/page.js");

/// A page to read this API by
#[utoipa::path(get, path = "/api/docs", tag = "operations",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub async fn page() -> Response {
    sent("text/html; charset=utf-8", PAGE)
}

/// Files of that page
#[utoipa::path(get, path = "/api/docs/{file}", tag = "operations",
    params(("file" = String, Path, description = "`page.css` or `page.js`")),
    responses((status = 200, description = "The file", body = String, content_type = "text/*"), (status = 404, description = "`not_found`", body = crate::protocol::problem::Problem)))]
pub async fn file(name: Result<Path<String>, PathRejection>) -> Result<Response, Failure> {
    match name?.as_str() {
        "page.css" => Ok(sent("text/css; charset=utf-8", STYLE)),
        "page.js" => Ok(sent("text/javascript; charset=utf-8", SCRIPT)),
        _ => Err(Failure::not_found()),
    }
}

fn sent(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
