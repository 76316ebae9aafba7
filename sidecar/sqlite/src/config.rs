//! Where the database is, out of a URL.

use std::path::PathBuf;
use std::time::Duration;

/// How long a statement waits for another writer by default.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that read, by default: SQLite reads in parallel with the writer,
/// and few threads are enough for rows that lie in the page cache.
const READERS: u32 = 4;

/// Where a database is and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The file.
    pub path: PathBuf,
    /// Whether to create the file if it is not there. Off by default: a
    /// mistyped path must not become an empty database.
    pub create_if_missing: bool,
    /// How long a transaction waits for another writer, of this process or of
    /// another, before it answers `Busy`.
    pub busy_timeout: Duration,
    /// Connections that read, at most.
    pub readers: u32,
}

/// A URL that names no SQLite database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Another scheme, or none.
    #[error(
        "{scheme} is not SQLite: expected sqlite:PATH, sqlite://PATH or sqlite:///ABSOLUTE/PATH"
    )]
    Scheme {
        /// What it begins with, when that cannot be a secret.
        scheme: String,
    },
    /// A user and a password, which would be taken for a part of the path, and
    /// shown with it.
    #[error(
        "the URL has a user and a password, which SQLite does not know: expected sqlite:PATH or sqlite:///ABSOLUTE/PATH"
    )]
    Credentials,
    /// No path.
    #[error("the URL has no path: expected sqlite:PATH or sqlite:///ABSOLUTE/PATH")]
    NoPath,
    /// A database that only lives inside one connection.
    #[error(
        "an in-memory database cannot be shared with the application: expected a file, like sqlite:///var/lib/cart.db"
    )]
    InMemory,
    /// A parameter behind `?` that is not known.
    #[error("unknown parameter behind `?`: expected mode=rw, or mode=rwc to create a missing file")]
    Parameter,
    /// A percent sign that does not stand for a byte, or bytes that are no
    /// UTF-8.
    #[error(
        "the path is not well encoded: `%` must be followed by two hexadecimal digits and give UTF-8 (write %25 for a percent sign)"
    )]
    Encoding,
}

impl SqliteConfig {
    /// A database at a path, with the defaults.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            create_if_missing: false,
            busy_timeout: BUSY_TIMEOUT,
            readers: READERS,
        }
    }

    /// A database by URL: `sqlite:PATH`, `sqlite://PATH`,
    /// `sqlite:///ABSOLUTE/PATH`, or the same with a driver of SQLAlchemy
    /// (`sqlite+aiosqlite:///…`), with `?mode=rwc` to create a missing file.
    ///
    /// # Errors
    /// [`ConfigError`], which says what would be right.
    pub fn from_url(url: &str) -> Result<Self, ConfigError> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        if scheme.split('+').next() != Some("sqlite") {
            return Err(ConfigError::Scheme {
                scheme: shown(scheme, rest),
            });
        }
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        if has_credentials(rest) {
            return Err(ConfigError::Credentials);
        }
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let path = decode(path)?;
        if path.contains(":memory:") {
            return Err(ConfigError::InMemory);
        }
        // SQLAlchemy writes an absolute path with a fourth slash.
        let path = match path.trim_start_matches('/') {
            "" => return Err(ConfigError::NoPath),
            relative if path.starts_with('/') => format!("/{relative}"),
            relative => relative.to_owned(),
        };
        Ok(Self {
            create_if_missing: creates(parameters)?,
            ..Self::at(path)
        })
    }
}

/// A scheme for a message. What only looks like one may be anything, also a
/// password, and is not shown.
fn shown(scheme: &str, rest: &str) -> String {
    let plain = scheme
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'+');
    if plain && rest.starts_with("//") {
        format!("`{scheme}:`")
    } else {
        "a text without a scheme".to_owned()
    }
}

/// Whether the URL is that of a server: `user:password@host` comes first. A
/// password may hold any sign, so also behind slashes.
fn has_credentials(rest: &str) -> bool {
    let user = rest
        .split_once(':')
        .map(|(user, rest)| (user, rest.contains('@')));
    user.is_some_and(|(user, at)| at && !user.contains('/'))
}

fn creates(parameters: &str) -> Result<bool, ConfigError> {
    let mut create = false;
    for parameter in parameters
        .split('&')
        .filter(|parameter| !parameter.is_empty())
    {
        create = match parameter {
            "mode=rwc" => true,
            "mode=rw" => false,
            "mode=memory" => return Err(ConfigError::InMemory),
            _ => return Err(ConfigError::Parameter),
        };
    }
    Ok(create)
}

fn decode(text: &str) -> Result<String, ConfigError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.map(char::from));
        let [Some(high), Some(low)] =
            digits.map(|digit| digit.and_then(|digit| digit.to_digit(16)))
        else {
            return Err(ConfigError::Encoding);
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| ConfigError::Encoding)?);
    }
    String::from_utf8(bytes).map_err(|_| ConfigError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> String {
        SqliteConfig::from_url(url)
            .unwrap()
            .path
            .display()
            .to_string()
    }

    #[test]
    fn every_form_of_url_names_its_file() {
        let table = [
            ("sqlite:cart.db", "cart.db"),
            ("sqlite://cart.db", "cart.db"),
            ("sqlite://data/cart.db", "data/cart.db"),
            ("sqlite:/var/cart.db", "/var/cart.db"),
            ("sqlite:///var/cart.db", "/var/cart.db"),
            ("sqlite:////var/cart.db", "/var/cart.db"),
            ("sqlite+aiosqlite:///var/cart.db", "/var/cart.db"),
            ("sqlite+pysqlite:////var/cart.db", "/var/cart.db"),
            ("sqlite:///var/a%20b%25.db", "/var/a b%.db"),
            ("sqlite:///var/cart.db?mode=rw", "/var/cart.db"),
        ];
        for (url, expected) in table {
            assert_eq!(path(url), expected, "{url}");
        }
    }

    #[test]
    fn a_file_is_created_only_when_asked() {
        assert!(
            !SqliteConfig::from_url("sqlite:a.db")
                .unwrap()
                .create_if_missing
        );
        assert!(
            SqliteConfig::from_url("sqlite:a.db?mode=rwc")
                .unwrap()
                .create_if_missing
        );
    }

    #[test]
    fn what_is_no_sqlite_file_is_refused_with_what_would_be_right() {
        let scheme = |word: &str| ConfigError::Scheme {
            scheme: word.to_owned(),
        };
        let table = [
            ("postgres://u:secret@h/db", scheme("`postgres:`")),
            ("sqlit:///a.db", scheme("`sqlit:`")),
            ("/var/cart.db", scheme("a text without a scheme")),
            ("sqlite:", ConfigError::NoPath),
            ("sqlite://", ConfigError::NoPath),
            ("sqlite:///", ConfigError::NoPath),
            ("sqlite::memory:", ConfigError::InMemory),
            ("sqlite:a.db?mode=memory", ConfigError::InMemory),
            ("sqlite:a.db?mode=ro", ConfigError::Parameter),
            ("sqlite:a%zz.db", ConfigError::Encoding),
            ("sqlite:a%f", ConfigError::Encoding),
        ];
        for (url, expected) in table {
            assert_eq!(SqliteConfig::from_url(url), Err(expected), "{url}");
        }
    }

    #[test]
    fn no_secret_of_another_database_is_in_the_message() {
        let error = SqliteConfig::from_url("secret@host/db")
            .unwrap_err()
            .to_string();
        assert!(
            !error.contains("secret") && !error.contains("host"),
            "{error}"
        );
    }
}
