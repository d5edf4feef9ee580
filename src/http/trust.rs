//! How a device gets to trust the certificate of this server's own authority: its certificate, and what to compare it
//! with. The page at `/trust` says how. Not there where the certificate is one that devices trust anyway.

use super::Shared;
use super::problems::Failure;
use crate::protocol::problem::Problem;
use crate::protocol::rest::TrustView;
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Under this name it is saved; all systems open such a file as a certificate.
const FILE: &str = "attachment; filename=\"comanda.crt\"";

/// The local authority
#[utoipa::path(get, path = "/api/trust", tag = "operations",
    responses((status = 200, description = "What a device needs to trust this server", body = TrustView),
        (status = 404, description = "`not_found`: this server has no authority of its own", body = Problem)))]
pub async fn read(door: Shared) -> Result<Json<TrustView>, Failure> {
    let trust = door.trust.as_ref().ok_or_else(Failure::not_found)?;
    Ok(Json(TrustView { https_port: trust.https_port, fingerprint: trust.fingerprint.clone() }))
}

/// Its certificate
#[utoipa::path(get, path = "/api/trust/comanda.crt", tag = "operations",
    responses((status = 200, description = "The authority's certificate, in PEM", content_type = "application/x-x509-ca-cert"),
        (status = 404, description = "`not_found`", body = Problem)))]
pub async fn certificate(door: Shared) -> Result<Response, Failure> {
    let trust = door.trust.as_ref().ok_or_else(Failure::not_found)?;
    let headers = [(header::CONTENT_TYPE, "application/x-x509-ca-cert"), (header::CONTENT_DISPOSITION, FILE)];
    Ok((headers, trust.certificate.clone()).into_response())
}
