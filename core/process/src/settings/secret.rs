//! Secrets: read from files of their own, and shown without what is secret.

use std::fs;
use std::io;

/// A secret holds a URL or a token; what is longer is some other file.
const MAX_BYTES: u64 = 64 * 1024;

/// A file that holds no secret. Never holds what the file does.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read.
    #[error("cannot read the secret in {path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// There is nothing in it.
    #[error("{path} holds no secret: it is empty")]
    Empty {
        /// The file.
        path: String,
    },
    /// It is no text of one line.
    #[error("{path} holds no secret: expected one line of text, up to 64 KiB")]
    Form {
        /// The file.
        path: String,
    },
}

/// The secret in a file, without the line's end.
///
/// # Errors
/// [`SecretError`].
pub fn read_secret(path: &str) -> Result<String, SecretError> {
    let unreadable = |error| SecretError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let form = || SecretError::Form {
        path: path.to_owned(),
    };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(form());
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| form())?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.trim().is_empty() {
        return Err(SecretError::Empty {
            path: path.to_owned(),
        });
    }
    if secret.contains(['\n', '\r']) {
        return Err(form());
    }
    Ok(secret.to_owned())
}

/// A secret, in place of which this is shown.
pub(super) const HIDDEN: &str = "(set, not shown)";

/// A database's URL as host and database alone. What does not look like one is
/// not shown at all, for it may be anything.
pub(super) fn redact_url(url: &str) -> String {
    let visible = visible_part(url.trim());
    visible.map_or_else(|| HIDDEN.to_owned(), str::to_owned)
}

fn visible_part(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    let rest = rest.split(['?', '#']).next()?;
    // The user's name and password end at the last `@`; a password may hold
    // any other sign.
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    match scheme.split('+').next()? {
        "sqlite" => Some(rest).filter(|rest| !rest.is_empty()),
        "postgres" | "postgresql" => {
            let place = place.strip_prefix("//").unwrap_or(place);
            // A `?` or `#` in a password cuts the text inside the password.
            let whole = url.matches('@').count() == rest.matches('@').count();
            Some(place).filter(|place| whole && !place.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_as_host_and_database() {
        let table = [
            ("postgresql+asyncpg://u:pw@db:5432/poc", "db:5432/poc"),
            ("postgres://u:p@w/x@db/poc?password=pw", "db/poc"),
            ("postgresql:///poc?host=/run&password=pw", "/poc"),
            ("sqlite+aiosqlite:///var/cart.db?mode=pw", "///var/cart.db"),
            ("postgres://u:p?w@db/poc", HIDDEN),
            ("u:pw@db/poc", HIDDEN),
            ("mysql://u:pw@db/poc", HIDDEN),
            ("pw", HIDDEN),
        ];
        for (url, shown) in table {
            assert_eq!(redact_url(url), shown, "{url}");
        }
    }

    #[test]
    fn a_secret_loses_its_line_end_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let path = path.to_str().unwrap();
        let read = |content: &[u8]| {
            fs::write(path, content).unwrap();
            read_secret(path).map_err(|error| error.to_string())
        };
        assert_eq!(read(b"pw \n").unwrap(), "pw ");
        assert_eq!(read(b"pw\r\n").unwrap(), "pw");
        assert!(read(b"\n").unwrap_err().ends_with("it is empty"));
        for wrong in [&b"two\nlines"[..], b"\xff", &vec![b'a'; 65 * 1024]] {
            assert!(read(wrong).unwrap_err().contains("one line of text"));
        }
        let error = read_secret("/nowhere/secret").unwrap_err().to_string();
        assert!(error.contains("/nowhere/secret"), "{error}");
    }
}
