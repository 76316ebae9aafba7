//! Reading database URLs: PostgreSQL's own forms and SQLAlchemy's.

use std::error::Error as _;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::ConfigError;
use super::security::{Options, Security};

/// What a URL stands for: the driver's settings, and how the connection is
/// protected.
pub(crate) fn parse(url: &str) -> Result<(Config, Security), ConfigError> {
    let plain = without_driver(url.trim())?;
    let mut options = Options::default();
    let plain = without_tls(&plain, &mut options)?;
    let mut config: Config = plain.parse().map_err(|error| malformed(&error))?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(ConfigError::NoHost);
    }
    if config.get_dbname().is_none_or(str::is_empty) {
        return Err(ConfigError::NoDatabase);
    }
    let security = options.settle(&mut config)?;
    Ok((config, security))
}

/// Host, port and database: what people recognise the place by.
pub(crate) fn place(config: &Config) -> String {
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

/// Takes the options that speak of TLS out of a URL: the driver knows only some
/// of them, and not the spelling of Python's drivers.
fn without_tls(url: &str, options: &mut Options) -> Result<String, ConfigError> {
    // A `?` before the `@` is part of the password, as the driver has it.
    let credentials = url.find('@').unwrap_or(0);
    let Some(mark) = url[credentials..].find('?').map(|at| credentials + at) else {
        return Ok(url.to_owned());
    };
    let (place, query) = (&url[..mark], &url[mark + 1..]);
    let mut rest = Vec::new();
    for option in query.split('&') {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        if !options.take(name, &decoded(name, value)?)? {
            rest.push(option);
        }
    }
    let mark = if rest.is_empty() { "" } else { "?" };
    Ok(format!("{place}{mark}{}", rest.join("&")))
}

/// The text behind %-escapes.
fn decoded(option: &str, value: &str) -> Result<String, ConfigError> {
    let wrong = || ConfigError::Malformed {
        why: format!(
            "the value of `{option}` has an escape that is not `%` and two hex digits of UTF-8"
        ),
    };
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = behind;
            continue;
        }
        let digits = behind
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.ok_or_else(wrong)?);
        rest = &behind[2..];
    }
    String::from_utf8(bytes).map_err(|_| wrong())
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
