//! How files are laid out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::root;

/// Folders that hold no source of ours.
const SKIPPED: &[&str] = &["target", "node_modules", ".git"];

/// Lines of code that a file may have before its tests: beyond it, it is two files.
const MOST_LINES: usize = 400;

/// Whether a file was written by a machine, which has no taste.
fn is_generated(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "generated" || part.as_os_str() == "gen")
}

/// Whether a file holds tests and nothing else: `foo/tests.rs`, `src/tests/…`, a test program.
fn is_test(path: &Path) -> bool {
    let folders: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let below_source = folders.iter().rposition(|name| *name == "src").unwrap_or(0);
    path.ends_with("tests.rs")
        || folders
            .iter()
            .skip(below_source)
            .any(|name| *name == "tests")
        || path.starts_with(root().join("tests/tests"))
}

fn sources() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(&root(), &mut found)?;
    assert!(
        found.len() > 50,
        "only {} sources: the walk is broken",
        found.len()
    );
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() && !SKIPPED.contains(&name) {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn a_module_is_a_file_beside_its_folder() -> Result<()> {
    for path in sources()? {
        let is_wrong = path.file_name().is_some_and(|name| name == "mod.rs");
        assert!(
            !is_wrong,
            "{}: `foo/mod.rs` is written `foo.rs`",
            path.display()
        );
    }
    Ok(())
}

/// Lines before the tests at the end of the file.
fn production_lines(text: &str) -> usize {
    let before_tests = text
        .split("\n#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default();
    before_tests.lines().count()
}

#[test]
fn files_are_small() -> Result<()> {
    let mut wrong = Vec::new();
    for path in sources()? {
        if is_generated(&path) || is_test(&path) {
            continue;
        }
        let lines = production_lines(&fs::read_to_string(&path)?);
        if lines > MOST_LINES {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert_eq!(
        wrong, [""; 0],
        "at most {MOST_LINES} lines before the tests"
    );
    Ok(())
}

#[test]
fn tests_do_not_count() {
    assert_eq!(
        production_lines("fn a() {}\nfn b() {}\n\n#[cfg(test)]\nmod tests {\n}\n"),
        2
    );
    assert_eq!(production_lines("fn a() {}\n"), 1);
}
