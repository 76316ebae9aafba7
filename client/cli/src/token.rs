//! The token that an operator identifies with: typed, from the environment, or
//! from a file of its own.

use std::fmt;
use std::fs;

use crate::failure::Failure;

/// A token is a line; what is longer is some other file.
const MAX_BYTES: u64 = 64 * 1024;

/// A token. It is shown nowhere, not even while debugging.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// The token that was given, from the file if one was named. An empty one
    /// counts as none.
    ///
    /// # Errors
    /// [`Failure`] of usage: both at once, or a file that holds no token.
    pub(crate) fn given(
        text: Option<String>,
        file: Option<String>,
    ) -> Result<Option<Self>, Failure> {
        let text = text.filter(|text| !text.is_empty());
        let Some(path) = file.filter(|path| !path.is_empty()) else {
            return Ok(text.map(Self));
        };
        if text.is_some() {
            return Err(Failure::usage(format!(
                "a token is given and the file {path} is named as well; keep one of them"
            ))
            .hint("--token and DUALWRITE_TOKEN give it, --token-file and DUALWRITE_TOKEN_FILE name a file"));
        }
        read(&path).map(|token| Some(Self(token)))
    }

    /// What goes into the call.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(not shown)")
    }
}

fn read(path: &str) -> Result<String, Failure> {
    let unreadable = |error| Failure::usage(format!("cannot read the token in {path}: {error}"));
    let form = || {
        Failure::usage(format!(
            "{path} holds no token: expected one line of text, up to 64 KiB"
        ))
    };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_BYTES {
        return Err(form());
    }
    let text = String::from_utf8(fs::read(path).map_err(unreadable)?).map_err(|_| form())?;
    let token = text.trim_end_matches(['\r', '\n']);
    let one_line = !token.trim().is_empty() && !token.contains(['\r', '\n']);
    one_line.then(|| token.to_owned()).ok_or_else(form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn a_token_is_typed_or_stands_in_a_file_and_never_shows() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        fs::write(&path, "s3cret\n").unwrap();
        let given = |text: &str, file: &str| Token::given(Some(text.into()), Some(file.into()));
        let read = given("", &path).unwrap().unwrap();
        assert_eq!(read.reveal(), "s3cret");
        assert!(!format!("{read:?}").contains("s3cret"));
        assert_eq!(given("typed", "").unwrap().unwrap().reveal(), "typed");
        assert!(given("", "").unwrap().is_none());

        let both = given("s3cret", &path).unwrap_err();
        assert_eq!(both.exit, Exit::Usage);
        assert!(!both.message.contains("s3cret"), "{}", both.message);
        for wrong in ["", "\n", "s3cret\nand more\n"] {
            fs::write(&path, wrong).unwrap();
            let failure = given("", &path).unwrap_err();
            assert!(failure.message.contains("one line"), "{}", failure.message);
            assert!(!failure.message.contains("s3cret"));
        }
        let nowhere = given("", "/nowhere/token").unwrap_err();
        assert!(nowhere.message.contains("/nowhere/token"));
    }
}
