//! A document taken apart: what stands in its fences, and what in backticks.

use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The text of a file of the workspace.
pub(crate) fn read(file: &str) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fences of a document in their order, and its prose.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) fences: Vec<Fence>,
    prose: String,
}

/// One fence.
#[derive(Debug)]
pub(crate) struct Fence {
    pub(crate) language: String,
    pub(crate) text: String,
}

impl Document {
    pub(crate) fn read(file: &str) -> Self {
        Self::of(&read(file))
    }

    pub(crate) fn of(text: &str) -> Self {
        let mut document = Self::default();
        let mut open: Option<Fence> = None;
        for line in text.lines() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(language)) => {
                    open = Some(Fence {
                        language: language.to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => document.fences.extend(open.take()),
                (Some(fence), None) => fence.text.extend([line, "\n"]),
                (None, None) => document.prose.extend([line, "\n"]),
            }
        }
        assert!(open.is_none(), "a fence stays open");
        document
    }

    /// What stands in its only fence of this language.
    pub(crate) fn only(&self, language: &str) -> String {
        let mut fences = self
            .fences
            .iter()
            .filter(|fence| fence.language == language);
        match (fences.next(), fences.next()) {
            (Some(fence), None) => fence.text.clone(),
            (first, _) => panic!(
                "expected one fence of {language}, got {}",
                first.map_or("none", |_| "more")
            ),
        }
    }

    /// The lines of its `sh` fences, without comments.
    pub(crate) fn shell_lines(&self) -> Vec<String> {
        let shell = self.fences.iter().filter(|fence| fence.language == "sh");
        let lines = shell.flat_map(|fence| fence.text.lines()).map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }

    /// What stands in backticks outside of fences.
    pub(crate) fn spans(&self) -> Vec<String> {
        let spans = self.prose.split('`').skip(1).step_by(2);
        spans
            .map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }
}

/// The documents of `docs`, by their paths from the root.
pub(crate) fn docs() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .map(|name| format!("docs/{name}"))
        .collect()
}
