//! The web app inside the binary: packed files as they were built, and the one page for every route of it.

use super::negotiation::{holds, takes};
use super::problems::{Failure, wrong_method};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/kds-web/dist"]
#[exclude = ".gitignore"]
struct Web;

const PAGE: &str = "index.html";
/// Shown when the binary was built without the web app.
const EMPTY: &str = "<!doctype html><meta charset=utf-8><title>Comanda</title><p>This server was built without its pages. \
    Run <code>make web</code>, then build again.</p>";

/// Was the web app built in? A test makes sure that no release ships without it.
#[must_use]
pub fn is_built_in() -> bool {
    Web::get(PAGE).is_some()
}

/// Any path that is not the API's.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("ws/") || path.starts_with("hooks/") {
        return Failure::not_found().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ([(header::ALLOW, "GET,HEAD")], wrong_method().await).into_response();
    }
    let hidden = path.starts_with('.') || path.ends_with(".br") || path.ends_with(".gz");
    if !hidden && Web::get(path).is_some() {
        return file(path, &headers);
    }
    // A missing file must not look like a page; everything else is a route of the app.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if hidden || is_file || path.starts_with("assets/") {
        return Failure::not_found().into_response();
    }
    if is_built_in() { file(PAGE, &headers) } else { ([(header::CONTENT_TYPE, "text/html")], EMPTY).into_response() }
}

fn file(path: &str, headers: &HeaderMap) -> Response {
    let Some((file, encoding)) = packed(path, headers) else { return Failure::not_found().into_response() };
    let hash: String = file.metadata.sha256_hash().iter().take(12).map(|b| format!("{b:02x}")).collect();
    let etag = format!("\"{hash}\"");
    let same = holds(headers, &etag);
    let body = if same { Body::empty() } else { Body::from(file.data) };
    let mut response = Response::new(body);
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The smallest form that the client takes.
fn packed(path: &str, headers: &HeaderMap) -> Option<(rust_embed::EmbeddedFile, Option<&'static str>)> {
    for (suffix, encoding) in [("br", "br"), ("gz", "gzip")] {
        if takes(headers, encoding)
            && let Some(file) = Web::get(&format!("{path}.{suffix}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Web::get(path).map(|file| (file, None))
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}
