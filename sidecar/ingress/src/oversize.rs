//! A request over the bound is refused before anything of ours sees it, with a
//! bare status. This gives that status the stable reason and the bound.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::ErrorReason;
use http::{Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Code, Status};
use tower::Service;

/// The service behind it, whose refusals of oversized requests say what the
/// bound is.
#[derive(Debug, Clone)]
pub(crate) struct Oversize<S> {
    inner: S,
    bound: usize,
}

impl<S> Oversize<S> {
    /// Requests of `inner` have this many bytes at most; `inner` sees to that.
    pub(crate) const fn new(inner: S, bound: usize) -> Self {
        Self { inner, bound }
    }
}

impl<S: NamedService> NamedService for Oversize<S> {
    const NAME: &'static str = S::NAME;
}

impl<S, B> Service<Request<B>> for Oversize<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let bound = self.bound;
        let answer = self.inner.call(request);
        Box::pin(async move {
            let response = answer.await?;
            Ok(if is_oversize(&response) {
                refusal(bound).into_http()
            } else {
                response
            })
        })
    }
}

/// Whether the transport refused the request for its size: nothing of ours
/// answers with that code.
fn is_oversize(response: &Response<Body>) -> bool {
    Status::from_header_map(response.headers())
        .is_some_and(|status| status.code() == Code::OutOfRange)
}

fn refusal(bound: usize) -> Status {
    let message = format!("the request is over the bound of {bound} bytes; send it in parts");
    Refusal::new(ErrorReason::TooLarge, message)
        .with("limit", bound.to_string())
        .into_status()
}
