//! What a document only mentions is at least known: the program has the
//! command, and the command has the flag.

use std::collections::{BTreeMap, BTreeSet};

use dualwrite_tests::process::Program;

use crate::code::Code;
use crate::document::{Document, docs, read};
use crate::truth::DOCUMENTS;

/// Our programs that documents mention.
const PROGRAMS: [&str; 3] = ["dualwrite", "dualwrite-sidecar", "dualwrite-control-plane"];

/// A command, by its words, with the flags that are mentioned with it.
type Mentioned = BTreeMap<Vec<String>, BTreeSet<String>>;

fn mentioned() -> Mentioned {
    let mut found = Mentioned::new();
    for document in docs() {
        for span in Document::read(&document).spans() {
            let words: Vec<&str> = span.split(' ').collect();
            if !PROGRAMS.contains(&words[0]) || words.len() == 1 {
                continue;
            }
            let plain = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            let command = words
                .iter()
                .take_while(|word| plain(word) && !word.starts_with('-'));
            let command = command.map(|word| (*word).to_owned()).collect();
            let flags = words.iter().filter(|word| word.starts_with("--"));
            let flags = flags.map(|flag| flag.split('=').next().unwrap_or_default().to_owned());
            found.entry(command).or_default().extend(flags);
        }
    }
    found
}

#[tokio::test]
async fn every_command_that_docs_mention_is_known_with_its_flags() {
    let mentioned = mentioned();
    assert!(mentioned.len() > 10, "{mentioned:?}");
    for (command, flags) in mentioned {
        let (program, verbs) = command.split_first().unwrap();
        // Without a verb a server runs.
        let runs = ["run".to_owned()];
        let verbs = if verbs.is_empty() && program == "dualwrite-sidecar" {
            &runs
        } else {
            verbs
        };
        let asked = Program::named(program).unwrap().args(verbs).arg("--help");
        let output = asked.run().await.unwrap();
        assert!(output.status.success(), "{program} knows no {verbs:?}");
        let help = String::from_utf8(output.stdout).unwrap();
        for flag in flags {
            let known = help
                .split(|c: char| c.is_whitespace() || ",=[".contains(c))
                .any(|word| word == flag);
            assert!(known, "{command:?} has no {flag}:\n{help}");
        }
    }
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
