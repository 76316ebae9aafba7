//! How connections to a server are protected, out of the options of its URL.
//!
//! As for PostgreSQL: beyond loopback the default is TLS with a verified
//! certificate and host name; over loopback and Unix sockets, where nobody
//! listens in between, it is no TLS. What the URL says wins; what it says that
//! is weaker than the default must be allowed aloud.

use std::path::PathBuf;

use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use super::ConfigError;

/// How much of a server is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verify {
    /// No TLS.
    Plain,
    /// TLS where the server has it, with whoever answers.
    Preferred,
    /// TLS, with whoever answers.
    Nothing,
    /// A certificate of a trusted authority, for any host.
    Authority,
    /// A certificate of a trusted authority, for this very host.
    Full,
}

/// How connections to one server are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Security {
    pub(crate) verify: Verify,
    /// Whether packets leave this machine.
    pub(crate) beyond_loopback: bool,
}

/// The options of a URL that speak of TLS, as they were written.
#[derive(Debug, Default)]
pub(super) struct Options {
    verify: Option<Verify>,
    authority: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

// === impl Options ===

impl Options {
    /// Takes one option, decoded; answers whether it is one of these.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<bool, ConfigError> {
        match name {
            "ssl-mode" | "sslmode" | "ssl_mode" | "ssl" => self.verify = Some(verify(name, value)?),
            "ssl-ca" | "sslca" | "ssl_ca" => self.authority = Some(value.into()),
            "ssl-cert" | "sslcert" | "ssl_cert" => self.certificate = Some(value.into()),
            "ssl-key" | "sslkey" | "ssl_key" => self.key = Some(value.into()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What they come to for this host, told to the driver.
    pub(super) fn settle(
        self,
        driver: MySqlConnectOptions,
        beyond_loopback: bool,
    ) -> Result<(MySqlConnectOptions, Security), ConfigError> {
        let Self {
            verify,
            authority,
            certificate,
            key,
        } = self;
        let asks_for_tls = authority.is_some() || certificate.is_some() || key.is_some();
        let default = if beyond_loopback || asks_for_tls {
            Verify::Full
        } else {
            Verify::Plain
        };
        let verify = verify.unwrap_or(default);
        let mut driver = driver.ssl_mode(match verify {
            Verify::Plain => MySqlSslMode::Disabled,
            Verify::Preferred => MySqlSslMode::Preferred,
            Verify::Nothing => MySqlSslMode::Required,
            Verify::Authority => MySqlSslMode::VerifyCa,
            Verify::Full => MySqlSslMode::VerifyIdentity,
        });
        if let Some(file) = authority {
            driver = driver.ssl_ca(file);
        }
        driver = match (certificate, key) {
            (None, None) => driver,
            (Some(certificate), Some(key)) => {
                driver.ssl_client_cert(certificate).ssl_client_key(key)
            }
            (Some(_), None) => return Err(ConfigError::HalfOfClient { missing: "ssl-key" }),
            (None, Some(_)) => {
                return Err(ConfigError::HalfOfClient {
                    missing: "ssl-cert",
                });
            }
        };
        let security = Security {
            verify,
            beyond_loopback,
        };
        Ok((driver, security))
    }
}

// === impl Security ===

impl Security {
    /// Whether somebody between this machine and the server could listen in or
    /// pretend to be the server.
    pub(crate) fn is_weak(self) -> bool {
        self.beyond_loopback && self.verify < Verify::Full
    }

    /// Refuses what is weak, unless it was allowed aloud.
    pub(super) fn check(self, allow_insecure: bool) -> Result<(), ConfigError> {
        // Falling back to clear text in silence is nothing that can be allowed.
        if self.beyond_loopback && self.verify == Verify::Preferred {
            return Err(ConfigError::TlsPreferred);
        }
        if self.is_weak() && !allow_insecure {
            return Err(ConfigError::Insecure {
                mode: self.verify.word(),
                why: self.verify.weakness(),
            });
        }
        Ok(())
    }
}

// === impl Verify ===

impl Verify {
    /// As `ssl-mode` has it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "disabled",
            Self::Preferred => "preferred",
            Self::Nothing => "required",
            Self::Authority => "verify_ca",
            Self::Full => "verify_identity",
        }
    }

    /// What somebody in between could do.
    pub(crate) const fn weakness(self) -> &'static str {
        match self {
            Self::Plain => "passwords and rows can be read and changed on the way",
            Self::Preferred => "it falls back to clear text in silence",
            Self::Nothing => "whoever answers is taken for the server",
            Self::Authority => {
                "any server with a certificate of the same authority is taken for this one"
            }
            Self::Full => "nothing",
        }
    }
}

/// The mode that a word asks for: MySQL's words, those of `PostgreSQL`'s URLs,
/// and how Python says yes and no.
fn verify(option: &str, value: &str) -> Result<Verify, ConfigError> {
    let word = value.to_ascii_lowercase().replace('-', "_");
    Ok(match (option, word.as_str()) {
        (_, "disabled" | "disable") | ("ssl", "false" | "0" | "off" | "no") => Verify::Plain,
        (_, "preferred" | "prefer") => Verify::Preferred,
        (_, "required" | "require") => Verify::Nothing,
        (_, "verify_ca") => Verify::Authority,
        (_, "verify_identity" | "verify_full") | ("ssl", "true" | "1" | "on" | "yes") => {
            Verify::Full
        }
        _ => {
            return Err(ConfigError::TlsMode {
                option: option.to_owned(),
            });
        }
    })
}
