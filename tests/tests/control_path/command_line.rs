//! The `dualwrite` command as a process, and what it said.

use dualwrite_tests::process::Program;
use serde_json::Value;

/// Who types, for the history.
pub(crate) const OPERATOR: &str = "ada";

/// The command line of an operator, pointed at one control plane.
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    endpoint: String,
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub(crate) struct Said {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl CommandLine {
    pub(crate) fn at(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
        }
    }

    /// The program with its arguments, the words of `line`, to be run or
    /// started.
    pub(crate) fn program(&self, line: &str) -> Program {
        Program::named("dualwrite")
            .unwrap()
            .env("DUALWRITE_ENDPOINT", &self.endpoint)
            .env("USER", OPERATOR)
            .args(line.split_whitespace())
    }

    /// Runs `dualwrite LINE` to its end.
    pub(crate) async fn run(&self, line: &str) -> Said {
        let output = self.program(line).run().await.unwrap();
        let said = Said {
            line: line.to_owned(),
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(
            !said.out.contains('\x1b') && !said.err.contains('\x1b'),
            "no colours into a pipe: {said:?}"
        );
        said
    }

    /// Runs `dualwrite LINE -o json`, which must end with 0, and answers the
    /// data: all that is on standard output.
    pub(crate) async fn json(&self, line: &str) -> Value {
        self.run(&format!("{line} -o json")).await.ended(0).data()
    }
}

impl Said {
    /// Checks the exit code.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Standard output as one JSON document.
    pub(crate) fn data(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("not JSON alone ({error}): {self:#?}"))
    }

    /// Checks that it failed so, in one line on standard error that tells what
    /// would be right, with nothing on standard output.
    pub(crate) fn failed(self, code: i32, says: &str) -> Self {
        let said = self.ended(code);
        assert_eq!(said.out, "", "`{}` printed data", said.line);
        let errors = said.err.lines().filter(|line| line.starts_with("error:"));
        assert_eq!(errors.count(), 1, "{said:#?}");
        assert!(said.err.starts_with("error:"), "{said:#?}");
        assert!(said.err.contains(says), "expected `{says}`: {said:#?}");
        said
    }

    /// The failure as JSON, of a command with `-o json`.
    pub(crate) fn failure(&self) -> Value {
        assert_eq!(self.out, "", "{self:#?}");
        let failure: Value = serde_json::from_str(&self.err)
            .unwrap_or_else(|error| panic!("not JSON alone ({error}): {self:#?}"));
        failure["error"].clone()
    }
}
