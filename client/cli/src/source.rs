//! A manifest from a file or from standard input, and what is wrong with it.

use std::io::Read as _;

use dualwrite_core::manifest::{Manifest, ManifestError, ManifestErrors};

use crate::failure::Failure;

/// A manifest's text, and the name it goes by in errors.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: String,
}

impl Source {
    /// Reads a file, or standard input for `-`.
    ///
    /// # Errors
    /// [`Failure`], when it cannot be read as text.
    pub(crate) fn read(file: &str) -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::failed(format!("cannot read {file}: {error}"))
                .hint("give a file, or `-` for standard input")
        };
        if file == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(cannot)?;
            return Ok(Self {
                file: "<stdin>".to_owned(),
                text,
            });
        }
        let text = std::fs::read_to_string(file).map_err(cannot)?;
        Ok(Self {
            file: file.to_owned(),
            text,
        })
    }

    /// The manifest in it.
    ///
    /// # Errors
    /// [`ManifestErrors`], everything that is wrong with it.
    pub(crate) fn parse(&self) -> Result<Manifest, ManifestErrors> {
        Manifest::parse(&self.file, &self.text)
    }

    /// The manifest in it, or the failure that tells all that is wrong.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) fn manifest(&self) -> Result<Manifest, Failure> {
        self.parse().map_err(|errors| self.failure(&errors))
    }

    fn failure(&self, errors: &ManifestErrors) -> Failure {
        let count = errors.errors.len();
        let plural = if count == 1 { "" } else { "s" };
        let details = errors
            .errors
            .iter()
            .map(|error| self.pointed(error))
            .collect();
        Failure::failed(format!("{} has {count} error{plural}", self.file)).details(details)
    }

    /// The error, with the line it is in and a caret under its column.
    pub(crate) fn pointed(&self, error: &ManifestError) -> String {
        let line = error
            .line
            .checked_sub(1)
            .and_then(|index| self.text.lines().nth(index));
        let Some(line) = line else {
            return error.to_string();
        };
        // Tabs stay tabs, so that the caret stands under what it means.
        let indent: String = line
            .chars()
            .take(error.column.saturating_sub(1))
            .map(|letter| if letter == '\t' { '\t' } else { ' ' })
            .collect();
        let number = error.line.to_string();
        let gutter = " ".repeat(number.len());
        format!("{error}\n{number} | {line}\n{gutter} | {indent}^")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_points_at_its_place() {
        let source = Source {
            file: "cart.yaml".into(),
            text: "a: 1\n\tb:  oops\n".into(),
        };
        let error = ManifestError {
            file: "cart.yaml".into(),
            line: 2,
            column: 6,
            path: "spec.b".into(),
            message: "`oops` is no number".into(),
            expected: "a number".into(),
        };
        let expected = "cart.yaml:2:6: spec.b: `oops` is no number; expected a number\n\
                        2 | \tb:  oops\n\
                        \x20 | \t    ^";
        assert_eq!(source.pointed(&error), expected);

        let beyond = ManifestError { line: 9, ..error };
        assert!(source.pointed(&beyond).starts_with("cart.yaml:9:6:"));
    }

    #[test]
    fn every_error_of_a_manifest_is_told() {
        let source = Source {
            file: "x.yaml".into(),
            text: "kind: Nonsense\nspec: 3\n".into(),
        };
        let failure = source.manifest().unwrap_err();
        assert!(
            failure.message.starts_with("x.yaml has "),
            "{}",
            failure.message
        );
        assert!(failure.details.len() > 1, "{:?}", failure.details);
        assert!(
            failure.details[0].contains("| kind: Nonsense"),
            "{:?}",
            failure.details
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let failure = Source::read("/nowhere/cart.yaml").unwrap_err();
        assert!(
            failure.message.contains("/nowhere/cart.yaml"),
            "{}",
            failure.message
        );
    }
}
