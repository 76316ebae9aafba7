//! Reading database URLs: PostgreSQL's own forms and SQLAlchemy's.

use std::error::Error as _;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::ConfigError;

/// The driver's settings that a URL stands for.
pub(super) fn parse(url: &str) -> Result<Config, ConfigError> {
    let plain = without_driver(url.trim())?;
    refuse_tls(&plain)?;
    let config: Config = plain.parse().map_err(|error| malformed(&error))?;
    if config.get_ssl_mode() == SslMode::Require {
        return Err(ConfigError::Tls {
            option: "sslmode=require".into(),
        });
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(ConfigError::NoHost);
    }
    if config.get_dbname().is_none_or(str::is_empty) {
        return Err(ConfigError::NoDatabase);
    }
    Ok(config)
}

/// Host, port and database: what people recognise the place by.
pub(super) fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config
            .get_hostaddrs()
            .first()
            .map(ToString::to_string)
            .unwrap_or_default(),
    };
    let port = config
        .get_ports()
        .first()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    format!("{host}{port}/{}", config.get_dbname().unwrap_or_default())
}

/// `postgresql+asyncpg://…` is `postgresql://…`.
fn without_driver(url: &str) -> Result<String, ConfigError> {
    let Some((scheme, rest)) = url.split_once("://") else {
        // Nothing of it is shown: without a scheme, any part may be the password.
        return Err(ConfigError::Malformed {
            why: "it has no `://`".into(),
        });
    };
    let name = scheme
        .split_once('+')
        .map_or(scheme, |(name, _driver)| name);
    if !matches!(name, "postgres" | "postgresql") {
        let scheme: String = scheme.chars().take(20).collect();
        return Err(ConfigError::Scheme {
            scheme: format!("{scheme}://"),
        });
    }
    Ok(format!("postgresql://{rest}"))
}

/// Refuses the options by which drivers ask for TLS, which the parser does not
/// know or would take for unknown.
fn refuse_tls(url: &str) -> Result<(), ConfigError> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    for option in query.split('&') {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let wanted = match name {
            "ssl" => !matches!(value, "" | "0" | "false" | "disable" | "prefer" | "allow"),
            "sslmode" => matches!(value, "require" | "verify-ca" | "verify-full"),
            "sslrootcert" | "sslcert" | "sslkey" => true,
            _ => false,
        };
        if wanted {
            return Err(ConfigError::Tls {
                option: name.to_owned(),
            });
        }
    }
    Ok(())
}

fn malformed(error: &tokio_postgres::Error) -> ConfigError {
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    if let Some(option) = why
        .strip_prefix("unknown option `")
        .and_then(|rest| rest.strip_suffix('`'))
    {
        return ConfigError::Option {
            option: option.to_owned(),
        };
    }
    let why = match why.strip_prefix("invalid value for option `") {
        Some(rest) => format!("the value of `{}` is not valid", rest.trim_end_matches('`')),
        None => "its form is not that of a URL".to_owned(),
    };
    ConfigError::Malformed { why }
}
