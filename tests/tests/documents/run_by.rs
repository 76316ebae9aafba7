//! By what something that a document gives to type is run.

use crate::document::read;

/// Where a command is run. Paths are from the root.
#[derive(Debug)]
pub(crate) enum RunBy {
    /// By CI: this line is in `.ci/run`.
    Ci(&'static str),
    /// By the test of this name in this file.
    Test(&'static str, &'static str),
    /// Not as it stands, for this reason; the test runs as much of it as a
    /// machine without it can.
    Held {
        why: &'static str,
        file: &'static str,
        test: &'static str,
    },
}

impl RunBy {
    /// Checks that what runs the command is there, and is run itself.
    pub(crate) fn exists(&self, command: &str) {
        match self {
            Self::Ci(line) => {
                assert!(
                    read(".ci/run").contains(line),
                    "`{command}`: CI has no `{line}`"
                );
            }
            Self::Test(file, test) => is_a_test(command, file, test),
            Self::Held { why, file, test } => {
                assert!(why.len() > 10, "`{command}`: say why it is held");
                is_a_test(command, file, test);
            }
        }
    }

    /// The file of its test.
    pub(crate) fn file(&self) -> &str {
        match self {
            Self::Ci(_) => ".ci/run",
            Self::Test(file, _) | Self::Held { file, .. } => file,
        }
    }
}

fn is_a_test(command: &str, file: &str, test: &str) {
    let text = read(file);
    let place = text.find(&format!("fn {test}()"));
    let place = place.unwrap_or_else(|| panic!("`{command}`: {file} has no test `{test}`"));
    let before = text[..place].rsplit("\n\n").next().unwrap_or_default();
    assert!(
        before.contains("#[test]") || before.contains("#[tokio::test"),
        "`{command}`: `{test}` in {file} is no test"
    );
    assert!(
        !before.contains("#[ignore"),
        "`{command}`: `{test}` is ignored"
    );
}
