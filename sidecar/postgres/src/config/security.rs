//! How connections to a server are protected, out of the options of its URL.
//!
//! Beyond loopback the default is TLS with a verified certificate and host
//! name; over loopback and Unix sockets, where nobody listens in between, it is
//! no TLS. What the URL says wins; what it says that is weaker than the default
//! must be allowed aloud.

use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::ConfigError;

/// How much of a server is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verify {
    /// No TLS.
    Plain,
    /// TLS where the server has it, of whoever answers.
    Prefer,
    /// TLS, with whoever answers.
    Nothing,
    /// A certificate of a trusted authority, for any host.
    Authority,
    /// A certificate of a trusted authority, for this very host.
    Full,
}

/// Which authorities are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those that the system trusts.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// The certificate by which this side shows who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// How connections to one server are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Security {
    pub(crate) verify: Verify,
    pub(crate) roots: Roots,
    pub(crate) client: Option<ClientFiles>,
    /// Whether packets leave this machine.
    pub(crate) beyond_loopback: bool,
}

/// The options of a URL that speak of TLS, as they were written.
#[derive(Debug, Default)]
pub(super) struct Options {
    sslmode: Option<Verify>,
    ssl: Option<Verify>,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

// === impl Options ===

impl Options {
    /// Takes one option, decoded; answers whether it is one of these.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<bool, ConfigError> {
        match name {
            "sslmode" => self.sslmode = Some(verify(name, value)?),
            "ssl" => self.ssl = Some(verify(name, value)?),
            "sslrootcert" => self.root = Some(value.to_owned()),
            "sslcert" => self.certificate = Some(value.to_owned()),
            "sslkey" => self.key = Some(value.to_owned()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What they come to for the hosts of this URL; sets the driver's mode.
    pub(super) fn settle(self, driver: &mut Config) -> Result<Security, ConfigError> {
        let Self {
            sslmode,
            ssl,
            root,
            certificate,
            key,
        } = self;
        if let (Some(one), Some(other)) = (sslmode, ssl)
            && one != other
        {
            return Err(ConfigError::TlsTwice);
        }
        let client = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(ClientFiles {
                certificate: certificate.into(),
                key: key.into(),
            }),
            (Some(_), None) => return Err(ConfigError::HalfOfClient { missing: "sslkey" }),
            (None, Some(_)) => return Err(ConfigError::HalfOfClient { missing: "sslcert" }),
        };
        let beyond_loopback = is_beyond_loopback(driver);
        let asks_for_tls = root.is_some() || client.is_some();
        let default = if beyond_loopback || asks_for_tls {
            Verify::Full
        } else {
            Verify::Plain
        };
        let mut verify = sslmode.or(ssl).unwrap_or(default);
        if verify == Verify::Nothing && root.is_some() {
            // As libpq has it: who names an authority wants it looked at.
            verify = Verify::Authority;
        }
        name_needed(driver, verify)?;
        driver.ssl_mode(match verify {
            Verify::Plain => SslMode::Disable,
            Verify::Prefer => SslMode::Prefer,
            Verify::Nothing | Verify::Authority | Verify::Full => SslMode::Require,
        });
        let roots = match root {
            None => Roots::System,
            Some(word) if word == "system" => Roots::System,
            Some(file) => Roots::File(file.into()),
        };
        Ok(Security {
            verify,
            roots,
            client,
            beyond_loopback,
        })
    }
}

// === impl Security ===

impl Security {
    /// Whether somebody between this machine and the server could listen in or
    /// pretend to be the server.
    pub(crate) fn is_weak(&self) -> bool {
        self.beyond_loopback && self.verify < Verify::Full
    }

    /// Refuses what is weak, unless it was allowed aloud.
    pub(super) fn check(&self, allow_insecure: bool) -> Result<(), ConfigError> {
        // Falling back to clear text in silence is nothing that can be allowed.
        if self.beyond_loopback && self.verify == Verify::Prefer {
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
    /// As `sslmode` has it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Plain => "disable",
            Self::Prefer => "prefer",
            Self::Nothing => "require",
            Self::Authority => "verify-ca",
            Self::Full => "verify-full",
        }
    }

    /// What somebody in between could do.
    pub(crate) const fn weakness(self) -> &'static str {
        match self {
            Self::Plain => "passwords and rows can be read and changed on the way",
            Self::Prefer => "it falls back to clear text in silence",
            Self::Nothing => "whoever answers is taken for the server",
            Self::Authority => {
                "any server with a certificate of the same authority is taken for this one"
            }
            Self::Full => "nothing",
        }
    }
}

/// The mode that a word asks for: those of libpq, and how Python says yes and
/// no.
fn verify(option: &str, value: &str) -> Result<Verify, ConfigError> {
    Ok(match (option, value.to_ascii_lowercase().as_str()) {
        (_, "disable") | ("ssl", "false" | "0" | "off" | "no") => Verify::Plain,
        (_, "prefer") => Verify::Prefer,
        (_, "require") => Verify::Nothing,
        (_, "verify-ca") => Verify::Authority,
        // A driver's plain yes makes a context that verifies everything.
        (_, "verify-full") | ("ssl", "true" | "1" | "on" | "yes") => Verify::Full,
        _ => {
            return Err(ConfigError::TlsMode {
                option: option.to_owned(),
            });
        }
    })
}

fn is_beyond_loopback(driver: &Config) -> bool {
    let by_name = driver.get_hosts().iter().any(|host| match host {
        Host::Tcp(name) => !is_loopback_name(name),
        #[cfg(unix)]
        Host::Unix(_) => false,
    });
    by_name
        || driver
            .get_hostaddrs()
            .iter()
            .any(|address| !address.is_loopback())
}

/// `localhost`, or an address of the loopback interface. Any other name may
/// lead elsewhere tomorrow.
fn is_loopback_name(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A certificate is for a name, so there must be one; and a Unix socket has no
/// TLS at all.
fn name_needed(driver: &Config, verify: Verify) -> Result<(), ConfigError> {
    if verify <= Verify::Prefer {
        return Ok(());
    }
    let hosts = driver.get_hosts();
    if hosts.is_empty() {
        return Err(ConfigError::TlsWithoutName);
    }
    let on_socket = hosts.iter().any(|host| match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    if on_socket {
        return Err(ConfigError::TlsOnSocket);
    }
    Ok(())
}
