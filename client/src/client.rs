//! The client itself: cheap to clone, connected lazily, for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dualwrite_proto::v1::data_service_client::DataServiceClient;
use tonic::transport::Channel;

use crate::builder::{ClientBuilder, ConnectError};
use crate::error::Error;
use crate::fields::Fields;
use crate::list::List;
use crate::outcome::{self, Settled};
use crate::read::Read;
use crate::retry::Backoff;
use crate::write::Write;

/// How long a call takes at most, retries included, unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of one answer at most: a page of 1,000 rows of 64 KiB each.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// A client of one service's sidecars.
///
/// Clones share their connections. Connections are made when first used, and
/// again whenever they broke.
#[derive(Debug, Clone)]
pub struct DualwriteClient {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// One for each endpoint, at least one.
    channels: Vec<Channel>,
    /// The endpoint that answered last: where the next call goes first.
    preferred: AtomicUsize,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    backoff: Backoff,
}

impl DualwriteClient {
    /// A client of the sidecar at `http://HOST:PORT` or `unix:///PATH`.
    ///
    /// Nothing is connected yet: a sidecar that is not there yet is waited for
    /// by each call, within its deadline.
    ///
    /// # Errors
    /// [`ConnectError`] when this is no such address.
    pub fn connect(endpoint: &str) -> Result<Self, ConnectError> {
        Self::builder().endpoint(endpoint).connect()
    }

    /// A client with several endpoints, or other limits.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn new(
        channels: Vec<Channel>,
        timeout: Duration,
        attempt_timeout: Option<Duration>,
        backoff: Backoff,
    ) -> Self {
        let preferred = AtomicUsize::new(0);
        let inner = Inner {
            channels,
            preferred,
            timeout,
            attempt_timeout,
            backoff,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A write: add mutations to it, then send it.
    pub fn write(&self) -> Write {
        Write::new(self.clone())
    }

    /// A read of one row by its key.
    pub fn read(&self, entity: impl Into<String>, key: impl Into<Fields>) -> Read {
        Read::new(self.clone(), entity.into(), key.into())
    }

    /// A read of many rows, in the order of their keys.
    pub fn list(&self, entity: impl Into<String>) -> List {
        List::new(self.clone(), entity.into())
    }

    /// What became of the write with this idempotency key. It does not execute
    /// anything: it answers that the write took effect, or makes sure that it
    /// never will.
    ///
    /// # Errors
    /// [`Error`], when the question could not be settled.
    pub async fn outcome(&self, idempotency_key: &str) -> Result<Settled, Error> {
        outcome::ask(self, idempotency_key).await
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    pub(crate) fn attempt_timeout(&self) -> Option<Duration> {
        self.inner.attempt_timeout
    }

    pub(crate) fn backoff(&self) -> Backoff {
        self.inner.backoff
    }

    /// The endpoint where the next call goes first.
    pub(crate) fn preferred(&self) -> usize {
        self.inner.preferred.load(Ordering::Relaxed)
    }

    /// Says that an endpoint answered.
    pub(crate) fn prefer(&self, endpoint: usize) {
        self.inner.preferred.store(endpoint, Ordering::Relaxed);
    }

    /// The endpoint after one that did not answer.
    pub(crate) fn after(&self, endpoint: usize) -> usize {
        (endpoint + 1) % self.inner.channels.len()
    }

    pub(crate) fn service(&self, endpoint: usize) -> DataServiceClient<Channel> {
        DataServiceClient::new(self.inner.channels[endpoint].clone())
            .max_decoding_message_size(ANSWER_MAX)
    }
}
