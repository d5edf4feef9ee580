//! Commands in batches: offline queues, POS systems, scripts. The same words as on the socket.

use super::Shared;
use super::caller::Caller;
use super::deadline::BeginUntil;
use super::problems::Failure;
use super::sent::Sent;
use crate::protocol::client::CommandMessage;
use crate::protocol::problem::Problem;
use crate::protocol::rest::BatchAnswer;
use crate::protocol::server::Refused;
use crate::store::committer::Answer;
use axum::Json;
use axum::extract::Extension;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

/// Commands of one request at most.
pub const BATCH_COMMANDS: usize = 100;

/// Send commands
///
/// Up to 100, decided in the order sent, each answered on its own. After one that could not be decided
/// now, or when the time of the request is half over, the rest is `not_tried` and the status is 503: send
/// those again with the same ids.
#[utoipa::path(post, path = "/api/commands", tag = "commands", security(("bearer" = [])), request_body = Vec<CommandMessage>,
    responses((status = 200, description = "One answer each, in order", body = Vec<BatchAnswer>), (status = 401, description = "`unauthorized`, `expired`, `revoked`", body = Problem),
        (status = 413, description = "`too_many_commands`, `too_large`", body = Problem), (status = 429, description = "`limited`", body = Problem),
        (status = 503, description = "Some are `not_tried`", body = Vec<BatchAnswer>)))]
pub async fn batch(
    door: Shared,
    caller: Caller,
    Extension(BeginUntil(until)): Extension<BeginUntil>,
    Sent(commands): Sent<Vec<CommandMessage>>,
) -> Result<Response, Failure> {
    if commands.len() > BATCH_COMMANDS {
        let detail = format!("At most {BATCH_COMMANDS} commands in one request, not {}.", commands.len());
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_commands", detail));
    }
    let mut answers = Vec::with_capacity(commands.len());
    let mut commands = commands.into_iter();
    for command in commands.by_ref() {
        let id = command.id;
        if Instant::now() >= until {
            answers.push(BatchAnswer::NotTried { id });
            break;
        }
        match door.commands.tap(&caller.0, command).await {
            Answer::Accepted(done) => answers.push(BatchAnswer::Ok { id, seq: done.seq }),
            Answer::Refused(refusal) => {
                answers.push(BatchAnswer::Refused(Refused::new(id, refusal, caller.audience())))
            }
            Answer::NotTried(_) => {
                answers.push(BatchAnswer::NotTried { id });
                break;
            }
        }
    }
    let untried = answers.last().is_some_and(|answer| matches!(answer, BatchAnswer::NotTried { .. }));
    answers.extend(commands.map(|command| BatchAnswer::NotTried { id: command.id }));
    let mut response = Json(answers).into_response();
    if untried {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Ok(response)
}
