//! How calls of a server ended, by method and code.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;
use tonic::codegen::{Body as HttpBody, Bytes, StdError};
use tonic::{Code, Status};
use tower::{Layer, Service};

/// What every call of a method that nobody serves is counted as: callers make
/// up names, and a label is of a bounded set.
const UNKNOWN: &str = "unknown";

/// How calls ended since the process began. Clones are the same counts.
#[derive(Debug, Clone, Default)]
pub struct Rpcs {
    ended: Arc<Mutex<Ended>>,
}

/// How often, by method and code.
type Ended = BTreeMap<(Arc<str>, &'static str), u64>;

/// How often calls of one method ended with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcCount {
    /// As in `dualwrite.v1.MigrationService/GetMigration`.
    pub method: Arc<str>,
    /// As in `NOT_FOUND`.
    pub code: &'static str,
    /// How often.
    pub count: u64,
}

impl Rpcs {
    /// The counts, in order of method and code.
    #[must_use]
    pub fn counts(&self) -> Vec<RpcCount> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = ended.iter().map(|((method, code), count)| RpcCount {
            method: Arc::clone(method),
            code,
            count: *count,
        });
        counts.collect()
    }

    /// The layer that counts the calls of what it is put around.
    #[must_use]
    pub fn layer(&self) -> CountLayer {
        CountLayer(self.clone())
    }

    fn note(&self, method: &Arc<str>, code: Code) {
        let method = if code == Code::Unimplemented {
            UNKNOWN.into()
        } else {
            Arc::clone(method)
        };
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        *ended.entry((method, word(code))).or_default() += 1;
    }
}

/// See [`Rpcs::layer`].
#[derive(Debug, Clone)]
pub struct CountLayer(Rpcs);

/// The service behind a [`CountLayer`].
#[derive(Debug, Clone)]
pub struct Counted<S> {
    inner: S,
    rpcs: Rpcs,
}

impl<S> Layer<S> for CountLayer {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        let rpcs = self.0.clone();
        Counted { inner, rpcs }
    }
}

impl<S, B, R> Service<Request<B>> for Counted<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    R: HttpBody<Data = Bytes> + Send + 'static,
    R::Error: Into<StdError>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let method = request.uri().path().trim_start_matches('/').into();
        let mut call = Call {
            rpcs: self.rpcs.clone(),
            method,
            code: Code::Cancelled,
        };
        let answering = self.inner.call(request);
        Box::pin(async move {
            let answer = answering.await?;
            call.look(answer.headers());
            Ok(answer.map(|body| {
                Body::new(body.map_frame(move |frame| {
                    if let Some(trailers) = frame.trailers_ref() {
                        call.look(trailers);
                    }
                    frame
                }))
            }))
        })
    }
}

/// A call under way. It is counted when its answer goes away: after its last
/// byte, or when the caller has gone.
struct Call {
    rpcs: Rpcs,
    method: Arc<str>,
    code: Code,
}

impl Call {
    /// A refusal at once has its code among the headers, everything else behind
    /// the body.
    fn look(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.code = status.code();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.rpcs.note(&self.method, self.code);
    }
}

/// The name of a code, as gRPC has it.
const fn word(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt as _, service_fn};

    use super::*;

    async fn called(rpcs: &Rpcs, path: &str, answer: Status) {
        let service = service_fn(move |_: Request<()>| {
            let answer = answer.clone().into_http::<Body>();
            async move { Ok::<_, Infallible>(answer) }
        });
        let request = Request::builder().uri(path).body(()).unwrap();
        let answer = rpcs.layer().layer(service).oneshot(request).await.unwrap();
        assert!(
            rpcs.counts().iter().all(|one| &*one.method != path),
            "not yet"
        );
        answer.into_body().collect().await.unwrap();
    }

    #[tokio::test]
    async fn calls_are_counted_by_method_and_code_when_their_answer_is_over() {
        let rpcs = Rpcs::default();
        for _ in 0..2 {
            called(&rpcs, "/a.Service/Get", Status::not_found("none")).await;
        }
        called(&rpcs, "/made.Up/Name", Status::unimplemented("none")).await;
        let counts: Vec<(String, &str, u64)> = rpcs
            .counts()
            .into_iter()
            .map(|one| (one.method.to_string(), one.code, one.count))
            .collect();
        assert_eq!(
            counts,
            [
                ("a.Service/Get".to_owned(), "NOT_FOUND", 2),
                ("unknown".to_owned(), "UNIMPLEMENTED", 1),
            ]
        );
    }
}
