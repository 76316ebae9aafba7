//! What a document names is there.

use std::path::Path;

use crate::code::Code;
use crate::document::{read, root};
use crate::truth::DOCUMENTS;

#[test]
fn every_path_of_the_documents_exists() {
    let mut files = Vec::new();
    walk(&root(), "", &mut files);
    for document in DOCUMENTS {
        let text = read(document);
        let linked = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let linked = linked
            .filter(|target| !target.contains(':'))
            .map(str::to_owned);
        let named: Vec<String> = linked.chain(Code::of(&text).paths()).collect();
        assert!(
            named.len() > 9,
            "{document} names {named:?} alone: are they found?"
        );
        for path in named {
            assert!(
                files.iter().any(|file| is_meant(&path, file)),
                "{document} names `{path}`, which is not there"
            );
        }
    }
}

/// Whether a path of a document means this one of the repository. A file may
/// be named from a folder that the sentence is about.
fn is_meant(path: &str, file: &str) -> bool {
    let path = path.trim_end_matches('/');
    if matches(path, file) {
        return true;
    }
    let from_a_folder = !Path::new(path)
        .components()
        .next()
        .is_some_and(|first| root().join(first).is_dir());
    from_a_folder
        && file
            .match_indices('/')
            .any(|(at, _)| matches(path, &file[at + 1..]))
}

/// Whether `*` in `pattern` can stand for letters but `/` so that it is `text`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            let end = rest.find('/').unwrap_or(rest.len());
            (0..=end)
                .filter(|at| rest.is_char_boundary(*at))
                .any(|at| matches(after, &rest[at..]))
        }),
    }
}

/// All files and folders, by their paths from the root.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if matches!(name.as_str(), "target" | ".git") {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{path}/"), files);
        }
        files.push(path);
    }
}

#[test]
fn a_star_stands_for_a_part_of_a_name() {
    assert!(matches("tests/con*", "tests/contract") && matches("a/*/c", "a/b/c"));
    assert!(!matches("tests/con*", "tests/contract/x") && !matches("a/*/c", "a/b/d/c"));
}
