//! TLS to the server: whose certificates are believed, and what is said when
//! one is not.
//!
//! Certificates and keys are read from their files for each new connection, so
//! that they can be replaced while the process runs. Connections are opened
//! rarely, and the files are small.

mod files;
mod refusal;
mod verifier;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslNegotiation;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{Roots, Security, Verify};
use verifier::Lenient;

pub(crate) use refusal::explain;

/// The protocol's name in a handshake without the server's own preamble.
const ALPN: &[u8] = b"postgresql";

/// A certificate or key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{option} {}: {why}", file.display())]
    File {
        /// The option of the URL.
        option: &'static str,
        /// The file that it names.
        file: PathBuf,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The system trusts nobody.
    #[error(
        "the system has no trusted certificates ({why}); install them (ca-certificates), or name the \
         database's authority with sslrootcert=FILE"
    )]
    NoSystemRoots {
        /// What was met.
        why: String,
    },
    /// Certificate and key do not fit, or no protocol is left.
    #[error("TLS cannot be set up: {why}")]
    Setup {
        /// What is wrong.
        why: String,
    },
}

/// Makes the TLS of one server's connections.
#[derive(Clone)]
pub(crate) struct Tls {
    security: Arc<Security>,
    provider: Arc<CryptoProvider>,
    /// Whom the system trusts, read once; empty where that is not asked for.
    system: Arc<RootCertStore>,
    /// Whether the handshake comes first, without the server's preamble.
    direct: bool,
}

// === impl Tls ===

impl Tls {
    /// Checks that everything is there.
    ///
    /// # Errors
    /// [`TlsError`], which names the file.
    pub(crate) fn new(driver: &Config, security: Security) -> Result<Self, TlsError> {
        let system = match (&security.roots, security.verify) {
            (Roots::System, Verify::Authority | Verify::Full) => files::system_roots()?,
            (Roots::System, Verify::Plain | Verify::Prefer | Verify::Nothing)
            | (Roots::File(_), _) => RootCertStore::empty(),
        };
        let tls = Self {
            security: Arc::new(security),
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            system: Arc::new(system),
            direct: driver.get_ssl_negotiation() == SslNegotiation::Direct,
        };
        tls.client()?;
        Ok(tls)
    }

    /// How connections are protected.
    pub(crate) fn security(&self) -> &Security {
        &self.security
    }

    fn client(&self) -> Result<ClientConfig, TlsError> {
        let setup = |error: &dyn fmt::Display| TlsError::Setup {
            why: error.to_string(),
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier()?);
        let mut client = match &self.security.client {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let (chain, key) = files::client(files)?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| setup(&format!("sslcert and sslkey: {error}")))?
            }
        };
        if self.direct {
            client.alpn_protocols = vec![ALPN.to_vec()];
        }
        Ok(client)
    }

    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
        let algorithms = self.provider.signature_verification_algorithms;
        Ok(match self.security.verify {
            // Without TLS nobody asks it.
            Verify::Plain | Verify::Prefer | Verify::Nothing => {
                Arc::new(Lenient::of_anybody(algorithms))
            }
            Verify::Authority => Arc::new(Lenient::of(self.roots()?, algorithms)),
            Verify::Full => {
                let roots = self.roots()?;
                let provider = Arc::clone(&self.provider);
                let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider);
                verifier.build().map_err(|error| TlsError::Setup {
                    why: error.to_string(),
                })?
            }
        })
    }

    fn roots(&self) -> Result<Arc<RootCertStore>, TlsError> {
        match &self.security.roots {
            Roots::System => Ok(Arc::clone(&self.system)),
            Roots::File(file) => files::roots(file).map(Arc::new),
        }
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
    type Error = TlsError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self::TlsConnect, TlsError> {
        let mut made = MakeRustlsConnect::new(self.client()?);
        MakeTlsConnect::<Socket>::make_tls_connect(&mut made, host).map_err(|never| match never {})
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}
