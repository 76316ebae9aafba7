//! Reading database URLs: those of MySQL's and MariaDB's own clients, and
//! SQLAlchemy's.

use sqlx::mysql::MySqlConnectOptions;

use super::ConfigError;
use super::security::{Options, Security};

/// The port when none is said.
const PORT: u16 = 3306;

/// What a URL stands for: the driver's settings, and how the connection is
/// protected.
pub(crate) fn parse(url: &str) -> Result<(MySqlConnectOptions, Security), ConfigError> {
    let (_, place, query) = taken_apart(url)?;
    let (user, password) = secrets(url)?;
    let (host, database) = place.split_once('/').unwrap_or((place, ""));
    let (host, port) = host_and_port(host)?;
    let database = decoded(database)?;
    if database.is_empty() {
        return Err(ConfigError::NoDatabase);
    }
    let mut driver = MySqlConnectOptions::new()
        .port(port)
        .username(&user)
        .database(&database);
    if let Some(password) = password {
        driver = driver.password(&password);
    }
    let (socket, options) = settings(query)?;
    if host.is_empty() && socket.is_none() {
        return Err(ConfigError::NoHost);
    }
    let beyond_loopback = socket.is_none() && !is_loopback_name(&host);
    driver = driver.host(if host.is_empty() { "localhost" } else { &host });
    if let Some(socket) = socket {
        driver = driver.socket(socket);
    }
    options.settle(driver, beyond_loopback)
}

/// User and password.
pub(crate) fn secrets(url: &str) -> Result<(String, Option<String>), ConfigError> {
    let (credentials, _, _) = taken_apart(url)?;
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(decoded(password)?)),
        None => (credentials, None),
    };
    let user = decoded(user)?;
    if user.is_empty() {
        return Err(ConfigError::NoUser);
    }
    Ok((user, password))
}

/// Credentials, place and options.
fn taken_apart(url: &str) -> Result<(&str, &str, &str), ConfigError> {
    let rest = without_scheme(url.trim())?;
    // The last `@` ends user and password, also where they have one.
    let (credentials, rest) = rest.rsplit_once('@').ok_or(ConfigError::NoUser)?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    Ok((credentials, place, query))
}

/// The socket, and the options that speak of TLS.
fn settings(query: &str) -> Result<(Option<String>, Options), ConfigError> {
    let mut options = Options::default();
    let mut socket = None;
    for option in query.split('&').filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = decoded(value)?;
        match name {
            "socket" | "unix_socket" => socket = Some(value),
            // Everything is sent as utf8mb4, whatever its columns are.
            "charset" if value.eq_ignore_ascii_case("utf8mb4") => {}
            "charset" => return Err(ConfigError::Charset),
            _ if options.take(name, &value)? => {}
            _ => {
                return Err(ConfigError::Option {
                    option: name.to_owned(),
                });
            }
        }
    }
    Ok((socket, options))
}

/// Host, port and database: what people recognise the place by.
pub(crate) fn place(driver: &MySqlConnectOptions) -> String {
    let database = driver.get_database().unwrap_or_default();
    match driver.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", driver.get_host(), driver.get_port()),
    }
}

/// `mysql+pymysql://…` is `mysql://…`.
fn without_scheme(url: &str) -> Result<&str, ConfigError> {
    let Some((scheme, rest)) = url.split_once("://") else {
        // Nothing of it is shown: without a scheme, any part may be the password.
        return Err(ConfigError::Malformed {
            why: "it has no `://`",
        });
    };
    let name = scheme.split('+').next().unwrap_or_default();
    if matches!(name, "mysql" | "mariadb") {
        return Ok(rest);
    }
    let plain = scheme
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'+');
    let scheme = if plain {
        format!("`{scheme}://`")
    } else {
        "something else".to_owned()
    };
    Err(ConfigError::Scheme { scheme })
}

/// `host`, `host:3306`, `[::1]:3306`.
fn host_and_port(text: &str) -> Result<(String, u16), ConfigError> {
    let wrong = ConfigError::Malformed {
        why: "its port is no number from 1 to 65535",
    };
    let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = match port {
        None | Some("") => PORT,
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(wrong)?,
    };
    Ok((decoded(host)?, port))
}

/// The text behind %-escapes.
fn decoded(text: &str) -> Result<String, ConfigError> {
    const WRONG: ConfigError = ConfigError::Malformed {
        why: "it has an escape that is not `%` and two hex digits of UTF-8",
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
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
        bytes.push(byte.ok_or(WRONG)?);
        rest = &behind[2..];
    }
    String::from_utf8(bytes).map_err(|_| WRONG)
}

/// `localhost`, or an address of the loopback interface. Any other name may
/// lead elsewhere tomorrow.
fn is_loopback_name(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
