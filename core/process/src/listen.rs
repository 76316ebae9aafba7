//! Which addresses a server listens on.
//!
//! Without an identity a server is open to whoever reaches it. So it listens
//! on loopback alone, unless the operator says `--insecure` aloud, or there is
//! nothing to be had but probes and figures.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use tokio::net::TcpListener;

use crate::tls::TlsSettings;

/// An address and port to listen on; port 0 takes a free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(SocketAddr);

/// Who may reach a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Programs of this machine.
    Loopback,
    /// Whoever reaches the address.
    Anyone,
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no address to listen on; write ADDRESS:PORT, as in 127.0.0.1:7400 or [::1]:7400 (port 0 takes a free one)"
)]
pub struct ListenAddressError {
    given: String,
}

/// A server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is reached from outside this machine.
    #[error(
        "{flag} {address} would let anyone who reaches it in, for no identity is configured; listen on 127.0.0.1, or say --insecure to do it all the same"
    )]
    Exposed {
        /// The flag that gave the address.
        flag: &'static str,
        /// The address.
        address: ListenAddress,
    },
    /// Another program listens there.
    #[error(
        "{flag} {address} is taken: another program listens there; end it, or choose another port with {flag}"
    )]
    Taken {
        /// The flag that gave the address.
        flag: &'static str,
        /// The address.
        address: ListenAddress,
    },
    /// The operating system refuses the address.
    #[error("cannot listen on {flag} {address}")]
    Refused {
        /// The flag that gave the address.
        flag: &'static str,
        /// The address.
        address: ListenAddress,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Listens on an address that `flag` named.
///
/// # Errors
/// [`ListenError`].
pub async fn bind(
    flag: &'static str,
    address: ListenAddress,
    exposure: Exposure,
) -> Result<TcpListener, ListenError> {
    check(flag, address, exposure)?;
    TcpListener::bind(address.0).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            ListenError::Taken { flag, address }
        } else {
            ListenError::Refused {
                flag,
                address,
                source,
            }
        }
    })
}

/// Whether a server may listen on an address that `flag` named: to tell before
/// anything is opened.
///
/// # Errors
/// [`ListenError::Exposed`].
pub const fn check(
    flag: &'static str,
    address: ListenAddress,
    exposure: Exposure,
) -> Result<(), ListenError> {
    match exposure {
        Exposure::Loopback if !address.0.ip().is_loopback() => {
            Err(ListenError::Exposed { flag, address })
        }
        Exposure::Loopback | Exposure::Anyone => Ok(()),
    }
}

// === impl Exposure ===

impl Exposure {
    /// What an identity, or `--insecure`, allows.
    #[must_use]
    pub const fn of(tls: &TlsSettings, insecure: bool) -> Self {
        if insecure || !tls.is_open() {
            Self::Anyone
        } else {
            Self::Loopback
        }
    }
}

// === impl ListenAddress ===

impl ListenAddress {
    /// A port of 127.0.0.1.
    #[must_use]
    pub const fn loopback(port: u16) -> Self {
        Self(SocketAddr::new(
            std::net::IpAddr::V4(Ipv4Addr::LOCALHOST),
            port,
        ))
    }

    /// The address.
    #[must_use]
    pub const fn get(self) -> SocketAddr {
        self.0
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        // The one name that needs no resolver.
        let local = given
            .strip_prefix("localhost:")
            .map(|port| format!("127.0.0.1:{port}"));
        local
            .as_deref()
            .unwrap_or(given)
            .parse()
            .map(Self)
            .map_err(|_| ListenAddressError {
                given: given.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> ListenAddress {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_are_read_and_others_refused_with_a_right_one() {
        assert_eq!(address("localhost:7400"), ListenAddress::loopback(7400));
        assert_eq!(address("[::1]:0").to_string(), "[::1]:0");
        for wrong in [
            "7400",
            "localhost",
            "127.0.0.1",
            "example.org:80",
            "127.0.0.1:70000",
        ] {
            let error = wrong.parse::<ListenAddress>().unwrap_err().to_string();
            assert!(
                error.contains(wrong) && error.contains("127.0.0.1:7400"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn beyond_loopback_needs_to_be_said_aloud() {
        for open in ["0.0.0.0:0", "[::]:0", "10.1.2.3:7400"] {
            let error = bind("--listen", address(open), Exposure::Loopback)
                .await
                .unwrap_err();
            let text = error.to_string();
            assert!(text.contains(open) && text.contains("--insecure"), "{text}");
            assert!(check("--listen", address(open), Exposure::Anyone).is_ok());
        }
        let tls = TlsSettings::open();
        assert_eq!(Exposure::of(&tls, false), Exposure::Loopback);
        assert_eq!(Exposure::of(&tls, true), Exposure::Anyone);
    }

    #[tokio::test]
    async fn a_taken_port_is_told_as_such() {
        let free = ListenAddress::loopback(0);
        let first = bind("--listen", free, Exposure::Loopback).await.unwrap();
        let taken = ListenAddress(first.local_addr().unwrap());
        let error = bind("--listen", taken, Exposure::Loopback)
            .await
            .unwrap_err();
        assert!(matches!(error, ListenError::Taken { .. }), "{error}");
        assert!(error.to_string().contains(&taken.to_string()), "{error}");
    }
}
