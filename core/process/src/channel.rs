//! A gRPC client's connection with the bounds of [`crate::limits`].

use tonic::transport::Endpoint;

use crate::limits::{CONNECT_TIMEOUT, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT};
use crate::tls::TlsSettings;

/// A text that is no endpoint.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It is no address of a server.
    #[error(
        "`{given}` is no endpoint ({cause}); write HOST:PORT or http://HOST:PORT, as in 127.0.0.1:7400"
    )]
    Unreadable {
        /// What was given.
        given: String,
        /// What is wrong with it.
        cause: String,
    },
    /// It asks for TLS, and there are no TLS settings.
    #[error(
        "`{given}` asks for TLS, which is not configured here; write http:// instead of https://"
    )]
    NoTls {
        /// What was given.
        given: String,
    },
    /// The TLS settings cannot be used.
    #[error("the TLS settings cannot be used")]
    Tls(#[from] tonic::transport::Error),
}

/// Where a server is, with every bound set. It does not connect yet.
///
/// # Errors
/// [`EndpointError`].
pub fn endpoint(given: &str, tls: &TlsSettings) -> Result<Endpoint, EndpointError> {
    let unreadable = |cause: String| EndpointError::Unreadable {
        given: given.to_owned(),
        cause,
    };
    let scheme = if tls.is_open() { "http" } else { "https" };
    let uri = match given.split_once("://") {
        Some(("https", _)) if tls.is_open() => {
            return Err(EndpointError::NoTls {
                given: given.to_owned(),
            });
        }
        Some(("http" | "https", _)) => given.to_owned(),
        Some((other, _)) => return Err(unreadable(format!("`{other}` is no scheme of gRPC"))),
        None => format!("{scheme}://{given}"),
    };
    let endpoint = Endpoint::from_shared(uri).map_err(|error| unreadable(causes(&error)))?;
    if endpoint.uri().port_u16().is_none() {
        return Err(unreadable("it names no port".to_owned()));
    }
    let endpoint = endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(KEEPALIVE_INTERVAL))
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true);
    Ok(tls.protect_client(endpoint)?)
}

/// tonic's own text is only "transport error"; the causes say more.
fn causes(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), causes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_with_and_without_their_scheme() {
        for (given, uri) in [
            ("127.0.0.1:7400", "http://127.0.0.1:7400/"),
            ("http://localhost:1", "http://localhost:1/"),
            ("[::1]:7400", "http://[::1]:7400/"),
        ] {
            assert_eq!(endpoint(given, &TlsSettings::open()).unwrap().uri(), uri);
        }
    }

    #[test]
    fn wrong_endpoints_are_told_with_a_right_one() {
        for given in [
            "",
            "127.0.0.1",
            "http://",
            "localhost:http",
            "postgres://localhost:5432",
        ] {
            let error = endpoint(given, &TlsSettings::open())
                .unwrap_err()
                .to_string();
            assert!(error.contains("127.0.0.1:7400"), "{given}: {error}");
        }
        let error = endpoint("https://localhost:7400", &TlsSettings::open()).unwrap_err();
        assert!(matches!(error, EndpointError::NoTls { .. }), "{error}");
    }
}
