//! Who calls, and whether they may: the one layer that every call of a server
//! passes.
//!
//! Today everyone is admitted, because whoever reaches loopback could as well
//! open the files behind it. Names are as claimed. What checks tokens or
//! certificates later goes into [`AuthLayer`] and nowhere else: services see
//! nothing but the [`Caller`].

mod caller;

use std::task::{Context, Poll};

use http::Request;
use tower::{Layer, Service};

pub use caller::{ACTOR_HEADER, Caller};

/// Puts a [`Caller`] into the extensions of every request.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct AuthLayer;

impl AuthLayer {
    /// Admits everyone, under the name that they claim.
    #[must_use]
    pub const fn open() -> Self {
        Self
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticated { inner }
    }
}

/// The service behind an [`AuthLayer`].
#[derive(Debug, Clone)]
pub struct Authenticated<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for Authenticated<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let caller = Caller::claimed(request.headers());
        request.extensions_mut().insert(caller);
        self.inner.call(request)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tower::{ServiceExt, service_fn};

    use super::*;

    async fn seen_by_the_service(request: Request<()>) -> String {
        let service = service_fn(async |request: Request<()>| {
            Ok::<_, Infallible>(
                request
                    .extensions()
                    .get::<Caller>()
                    .unwrap()
                    .name()
                    .to_owned(),
            )
        });
        AuthLayer::open()
            .layer(service)
            .oneshot(request)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn every_request_has_a_caller() {
        assert_eq!(seen_by_the_service(Request::new(())).await, "anonymous");
        let request = Request::builder()
            .header(ACTOR_HEADER, "ada")
            .body(())
            .unwrap();
        assert_eq!(seen_by_the_service(request).await, "ada");
    }
}
