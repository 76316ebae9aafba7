//! The loop around one call: attempts, endpoints, deadline.

use std::time::Duration;

use dualwrite_proto::v1::data_service_client::DataServiceClient;
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::client::DualwriteClient;
use crate::error::{Error, Failure};
use crate::retry::{Judgement, judge};

/// The sidecar's service on one endpoint.
pub(crate) type Service = DataServiceClient<Channel>;

/// A call that ended without an answer.
#[derive(Debug)]
pub(crate) struct Stopped {
    status: Status,
    in_doubt: bool,
}

impl Stopped {
    /// The error of a call that changes nothing.
    pub(crate) fn into_error(self) -> Error {
        Error::from_status(&self.status)
    }

    /// The error of a write.
    pub(crate) fn into_write_error(self, idempotency_key: String) -> Error {
        if self.in_doubt {
            let failure = Box::new(Failure::from_status(&self.status));
            Error::OutcomeUnknown {
                idempotency_key,
                failure,
            }
        } else {
            Error::from_status(&self.status)
        }
    }
}

/// Calls until there is an answer, a refusal that no repetition changes, or no
/// time left. `send` makes attempt number `attempt` (from 1) on a
/// service.
/// Answers with the number of attempts it took.
pub(crate) async fn call<M, A, F>(
    client: &DualwriteClient,
    timeout: Duration,
    mut message: impl FnMut(u32) -> M,
    mut send: impl FnMut(Service, Request<M>) -> F,
) -> Result<(A, u32), Stopped>
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    let deadline = Instant::now() + timeout;
    let mut endpoint = client.preferred();
    let mut doubted = false;
    let mut attempt = 1;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = client
            .attempt_timeout()
            .map_or(left, |limit| limit.min(left));
        let mut request = Request::new(message(attempt));
        request.set_timeout(limit);
        let sent = send(client.service(endpoint), request);
        let status = match tokio::time::timeout(limit, sent).await {
            Ok(Ok(answer)) => {
                client.prefer(endpoint);
                return Ok((answer.into_inner(), attempt));
            }
            Ok(Err(status)) => status,
            Err(_) => Status::deadline_exceeded(format!("no answer within {limit:?}")),
        };
        let Judgement { retry, in_doubt } = judge(&status);
        doubted |= in_doubt;
        // A final refusal settles earlier doubts: the sidecar looked for the
        // key's receipt before it refused. One that may pass settles nothing.
        let stop = |status| Stopped {
            status,
            in_doubt: in_doubt || (doubted && retry.is_some()),
        };
        let Some(earliest) = retry else {
            return Err(stop(status));
        };
        let pause = client
            .backoff()
            .pause(attempt, rand::random())
            .max(earliest);
        if Instant::now() + pause >= deadline {
            return Err(stop(status));
        }
        tokio::time::sleep(pause).await;
        endpoint = client.after(endpoint);
        attempt += 1;
    }
}
