//! How a client is made.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use crate::client::{DEFAULT_TIMEOUT, DualwriteClient};
use crate::retry::Backoff;

/// A connection that is not there after this is tried again: the sidecar is on
/// the same machine.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a connection is asked whether it still lives, so that a sidecar
/// that froze is noticed also between calls.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// An address that no client can be made of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// No endpoint was given.
    #[error("no endpoint is given; expected http://HOST:PORT or unix:///PATH")]
    NoEndpoint,
    /// The text is no address.
    #[error("`{endpoint}` is no endpoint; expected http://HOST:PORT or unix:///PATH")]
    Malformed {
        /// What was given.
        endpoint: String,
    },
}

/// Where a client connects to, and its limits.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `connect`"]
pub struct ClientBuilder {
    endpoints: Vec<String>,
    channels: Vec<Channel>,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    backoff: Backoff,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            channels: Vec::new(),
            timeout: DEFAULT_TIMEOUT,
            attempt_timeout: None,
            backoff: Backoff::default(),
        }
    }
}

impl ClientBuilder {
    /// One more endpoint: `http://HOST:PORT` or `unix:///PATH`. Retries go from
    /// one to the next.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoints.push(endpoint.into());
        self
    }

    /// One more endpoint, over a channel made elsewhere (TLS, another
    /// transport); after those given by address.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channels.push(channel);
        self
    }

    /// How long a call takes at most, retries included; 10 seconds unless told.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one attempt takes at most before the next endpoint is tried;
    /// unless told, as long as the call.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// The pause before the first retry, which doubles up to `longest`; 25
    /// milliseconds and 1 second unless told.
    pub const fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// The client. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ConnectError`] when an endpoint is no address, or there is none.
    pub fn connect(self) -> Result<DualwriteClient, ConnectError> {
        let mut channels = Vec::new();
        for endpoint in &self.endpoints {
            channels.push(channel(endpoint)?);
        }
        channels.extend(self.channels);
        if channels.is_empty() {
            return Err(ConnectError::NoEndpoint);
        }
        Ok(DualwriteClient::new(
            channels,
            self.timeout,
            self.attempt_timeout,
            self.backoff,
        ))
    }
}

fn channel(endpoint: &str) -> Result<Channel, ConnectError> {
    let malformed = || ConnectError::Malformed {
        endpoint: endpoint.to_owned(),
    };
    let known = ["http://", "https://", "unix:///"]
        .into_iter()
        .any(|scheme| {
            endpoint
                .strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty())
        });
    if !known {
        return Err(malformed());
    }
    let endpoint = Endpoint::from_shared(endpoint.to_owned()).map_err(|_| malformed())?;
    Ok(endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_while_idle(true)
        .connect_lazy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_are_told_from_what_is_none() {
        for endpoint in [
            "http://127.0.0.1:7410",
            "http://[::1]:7410",
            "unix:///run/dualwrite.sock",
        ] {
            assert!(DualwriteClient::connect(endpoint).is_ok(), "{endpoint}");
        }
        for endpoint in [
            "",
            "127.0.0.1:7410",
            "http://",
            "unix:relative",
            "ftp://x",
            "http://a b",
        ] {
            let error = DualwriteClient::connect(endpoint).unwrap_err();
            assert!(
                error.to_string().contains("http://HOST:PORT"),
                "{endpoint}: {error}"
            );
        }
        assert_eq!(
            DualwriteClient::builder().connect().unwrap_err(),
            ConnectError::NoEndpoint
        );
    }
}
