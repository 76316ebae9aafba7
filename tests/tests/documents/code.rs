//! What stands in a document as code.

use std::collections::BTreeSet;

use crate::document::Document;

/// What a document gives to type, and what it names.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// The lines of its `sh` fences.
    fenced: Vec<String>,
    /// What stands in backticks elsewhere.
    inline: Vec<String>,
}

impl Code {
    pub(crate) fn of(text: &str) -> Self {
        let document = Document::of(text);
        Self {
            fenced: document.shell_lines(),
            inline: document.spans(),
        }
    }

    /// Whatever somebody may type.
    pub(crate) fn commands(&self) -> BTreeSet<String> {
        let ours = |code: &&String| {
            let program = code.split(' ').next().unwrap_or_default();
            program == "dualwrite"
                || program.starts_with("dualwrite-")
                || code.starts_with("cargo ")
        };
        self.fenced
            .iter()
            .chain(self.inline.iter().filter(ours))
            .cloned()
            .collect()
    }

    /// Whatever looks like a path in this repository.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        let looks_so = |code: &&String| {
            let letters = |c: char| c.is_ascii_alphanumeric() || "/._-*".contains(c);
            let file = [".rs", ".md", ".toml", ".yaml", ".sql", ".proto"]
                .iter()
                .any(|end| code.ends_with(end));
            code.chars().all(letters) && !code.starts_with('/') && (code.contains('/') || file)
        };
        self.inline.iter().filter(looks_so).cloned().collect()
    }
}

#[test]
fn documents_are_read_as_they_are_meant() {
    let text = "Say `dualwrite list`\nor `cargo\nxtask demo`:\n```sh\ncargo xtask test\n# why\n```\n```text\nnothing\n```\n\
                in `a/b.rs`, `c*/d`, `word`.\n";
    let code = Code::of(text);
    let commands: Vec<String> = code.commands().into_iter().collect();
    assert_eq!(
        commands,
        ["cargo xtask demo", "cargo xtask test", "dualwrite list"]
    );
    let paths: Vec<String> = code.paths().into_iter().collect();
    assert_eq!(paths, ["a/b.rs", "c*/d"]);
}
