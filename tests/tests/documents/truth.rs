//! Documents that say what is so: commands that are run, paths that exist,
//! words that are explained.

use std::collections::BTreeSet;
use std::path::Path;

use dualwrite_tests::process::Program;

use crate::document::{Document, read, root};

/// Documents whose commands and paths are held to the truth.
const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];

/// Where a command of a document is run.
enum RunBy {
    /// By CI: this line is in `.ci/run`.
    Ci(&'static str),
    /// By the test of this name in this file of `tests/tests`.
    Test(&'static str, &'static str),
}

impl RunBy {
    /// Checks that what runs the command is there.
    fn exists(&self, command: &str) {
        let (file, line) = match self {
            Self::Ci(line) => (".ci/run".to_owned(), (*line).to_owned()),
            Self::Test(file, test) => (format!("tests/tests/{file}"), format!("fn {test}()")),
        };
        assert!(
            read(&file).contains(&line),
            "`{command}`: {file} has no `{line}`"
        );
    }
}

/// Every command of the documents, and what runs it.
const COMMANDS: [(&str, RunBy); 8] = [
    ("cargo xtask test", RunBy::Ci("exec cargo xtask test")),
    (
        "cargo xtask demo",
        RunBy::Test(
            "control_path/demo.rs",
            "the_demo_on_sqlite_ends_with_databases_that_agree_for_each_service",
        ),
    ),
    (
        "cargo xtask demo --postgres",
        RunBy::Test(
            "control_path/demo.rs",
            "the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to",
        ),
    ),
    (
        "cargo xtask model",
        RunBy::Test(
            "documents/truth.rs",
            "xtask_knows_the_verbs_that_documents_name",
        ),
    ),
    (
        "cargo xtask help",
        RunBy::Test(
            "documents/truth.rs",
            "xtask_knows_the_verbs_that_documents_name",
        ),
    ),
    (
        "dualwrite phase advance cart",
        RunBy::Test(
            "control_path/killed.rs",
            "a_transition_ends_as_it_was_meant_to",
        ),
    ),
    (
        "dualwrite-sidecar install --print-sql",
        RunBy::Test("documents/truth.rs", "the_sidecar_shows_its_tables"),
    ),
    (
        "dualwrite",
        RunBy::Test(
            "control_path/commands.rs",
            "people_read_tables_and_a_live_view_that_follows_each_change",
        ),
    ),
];

/// Documents of `docs` with commands, and the test that follows each: it runs
/// every line that stands in a fence, in order.
const FOLLOWED: [(&str, RunBy); 3] = [
    (
        "docs/any-language.md",
        RunBy::Test(
            "documents/any_language.rs",
            "the_session_in_python_says_what_the_document_says",
        ),
    ),
    (
        "docs/install.md",
        RunBy::Test("chart/documents.rs", "every_command_to_install_with_is_run"),
    ),
    (
        "docs/operate.md",
        RunBy::Test(
            "documents/operate.rs",
            "a_stranger_follows_it_from_introspect_to_the_end",
        ),
    ),
];

/// Lines in fences of the other documents of `docs`, and what runs each.
const DOCS_COMMANDS: [(&str, RunBy); 2] = [
    (
        "cargo run --package dualwrite-client --example quickstart",
        RunBy::Test(
            "documents/quickstart.rs",
            "the_ten_lines_put_an_item_into_a_cart_and_find_it",
        ),
    ),
    (
        "cargo xtask demo --keep",
        RunBy::Test(
            "control_path/demo.rs",
            "the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to",
        ),
    ),
];

/// Measurements take minutes of an idle machine: no test waits for them, but
/// their verb must be known.
const MEASUREMENT: &str = "cargo xtask bench ";

/// Words that the glossary explains.
const WORDS: [&str; 40] = [
    "migration",
    "side",
    "primary",
    "secondary",
    "phase",
    "flags",
    "entity",
    "field",
    "mapping",
    "conversion",
    "key",
    "revision",
    "epoch",
    "snapshot",
    "fence",
    "gate",
    "marker",
    "outbox",
    "token",
    "relay",
    "pull",
    "bucket",
    "receipt",
    "plan",
    "flip",
    "verdict",
    "guard",
    "job",
    "shard",
    "quarantine",
    "session",
    "legacy",
    "new",
    "legacy_only",
    "dual_write",
    "new_primary",
    "new_only",
    "frozen",
    "handed",
    "off",
];

/// What a document gives to type, and what it names.
#[derive(Debug, Default)]
struct Code {
    /// The lines of its `sh` fences.
    fenced: Vec<String>,
    /// What stands in backticks elsewhere.
    inline: Vec<String>,
}

impl Code {
    fn of(text: &str) -> Self {
        let document = Document::of(text);
        Self {
            fenced: document.shell_lines(),
            inline: document.spans(),
        }
    }

    /// Whatever somebody may type.
    fn commands(&self) -> BTreeSet<String> {
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
    fn paths(&self) -> BTreeSet<String> {
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
fn every_command_of_the_documents_is_run_by_a_test_or_by_ci() {
    let mut found = BTreeSet::new();
    for document in DOCUMENTS {
        let commands = Code::of(&read(document)).commands();
        for command in &commands {
            assert!(
                COMMANDS.iter().any(|(known, _)| known == command),
                "{document} has `{command}`, which nothing runs: add it to the table and run it"
            );
        }
        found.extend(commands);
    }
    for (command, run_by) in &COMMANDS {
        assert!(
            found.contains(*command),
            "no document has `{command}` any more"
        );
        run_by.exists(command);
    }
}

#[test]
fn every_command_in_docs_is_run_as_well() {
    let mut found = BTreeSet::new();
    for document in docs() {
        if FOLLOWED.iter().any(|(followed, _)| *followed == document) {
            continue;
        }
        let lines = Document::read(&document).shell_lines();
        for line in lines
            .into_iter()
            .filter(|line| !line.starts_with(MEASUREMENT))
        {
            assert!(
                DOCS_COMMANDS.iter().any(|(known, _)| *known == line),
                "{document} has `{line}`, which nothing runs: add it to a table and run it"
            );
            found.insert(line);
        }
    }
    for (command, run_by) in &DOCS_COMMANDS {
        assert!(found.contains(*command), "no document has `{command}`");
        run_by.exists(command);
    }
    for (document, run_by) in &FOLLOWED {
        assert!(!Document::read(document).shell_lines().is_empty());
        run_by.exists(document);
    }
}

/// What a document of `docs` only mentions is at least there: the program
/// knows the command.
#[tokio::test]
async fn every_command_that_docs_mention_is_known() {
    let mut mentioned = BTreeSet::new();
    for document in docs() {
        for span in Document::read(&document).spans() {
            let words: Vec<&str> = span.split(' ').collect();
            let plain = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let command = words
                .iter()
                .skip(1)
                .take_while(|word| plain(word) && !word.starts_with('-'));
            if matches!(
                words[0],
                "dualwrite" | "dualwrite-sidecar" | "dualwrite-control-plane"
            ) && words.len() > 1
            {
                let command: Vec<String> = command.map(|word| (*word).to_owned()).collect();
                mentioned.insert((words[0].to_owned(), command));
            }
        }
    }
    assert!(mentioned.len() > 3, "{mentioned:?}");
    for (program, command) in mentioned {
        let asked = Program::named(&program)
            .unwrap()
            .args(command.clone())
            .arg("--help");
        let output = asked.run().await.unwrap();
        assert!(output.status.success(), "{program} knows no {command:?}");
    }
}

/// The documents of `docs`, by their paths from the root.
fn docs() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
        .map(|name| format!("docs/{name}"))
        .collect()
}

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
fn the_glossary_explains_every_word() {
    let text = read("GLOSSARY.md");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let explained: BTreeSet<String> = rows
        .flat_map(|row| {
            let bold = row.split("**").skip(1).step_by(2);
            let code = row.split('`').skip(1).step_by(2);
            bold.chain(code).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<&str> = WORDS
        .into_iter()
        .filter(|word| !explained.contains(*word))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[tokio::test]
async fn xtask_knows_the_verbs_that_documents_name() {
    let help = Program::named("xtask")
        .unwrap()
        .arg("help")
        .run()
        .await
        .unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stderr).unwrap();
    let contributing = read("CONTRIBUTING.md");
    let docs = docs().into_iter().map(|document| read(&document));
    for document in DOCUMENTS
        .map(read)
        .into_iter()
        .chain([contributing])
        .chain(docs)
    {
        for command in Code::of(&document).commands() {
            let Some(rest) = command.strip_prefix("cargo xtask ") else {
                continue;
            };
            let verb = rest.split(' ').next().unwrap_or_default();
            let known = help
                .lines()
                .any(|line| line.split_whitespace().next() == Some(verb));
            assert!(
                known || verb == "help",
                "`{command}`: xtask's help has no {verb}:\n{help}"
            );
        }
    }
}

#[tokio::test]
async fn the_sidecar_shows_its_tables() {
    use dualwrite_tests::cart::{Databases, MANIFEST, Which};
    use dualwrite_tests::{Fleet, Operator};

    let databases = Databases::create(false).await.unwrap();
    let (legacy, new) = (databases.url(Which::Legacy), databases.url(Which::New));
    let fleet = Fleet::of("cart", legacy, new).start().await.unwrap();
    let operator = Operator::of("cart", &fleet.control_plane_url()).unwrap();
    operator.apply(MANIFEST).await.unwrap();
    let sql = fleet.install(&["--print-sql"]).await.unwrap();
    for table in [
        "dualwrite_fence",
        "dualwrite_outbox_cart_cart_item",
        "dualwrite_receipt",
        "dualwrite_quarantine",
    ] {
        assert!(sql.contains(table), "{table}:\n{sql}");
    }
    let ours = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'dualwrite_%'";
    let rows = databases.query(Which::New, ours).await.unwrap();
    assert_eq!(rows[0][0].as_deref(), Some("0"), "it is printed, not run");
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
    assert!(matches("tests/con*", "tests/contract") && matches("a/*/c", "a/b/c"));
    assert!(!matches("tests/con*", "tests/contract/x") && !matches("a/*/c", "a/b/d/c"));
}
