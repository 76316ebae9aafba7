//! Commands that README.md and ARCHITECTURE.md name in passing are run as well.
//! (What they give to type stands in fences: see `blocks`.)

use std::collections::BTreeSet;

use crate::code::Code;
use crate::document::read;
use crate::run_by::RunBy;

/// Documents whose commands and paths are held to the truth.
pub(crate) const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];

/// Every command of the documents, and what runs it.
const COMMANDS: [(&str, RunBy); 10] = [
    ("cargo xtask test", RunBy::Ci("exec cargo xtask test")),
    (
        "cargo xtask demo",
        RunBy::Test(
            "tests/tests/control_path/demo.rs",
            "the_demo_on_sqlite_ends_with_databases_that_agree_for_each_service",
        ),
    ),
    (
        "cargo xtask demo --postgres",
        RunBy::Test(
            "tests/tests/control_path/demo.rs",
            "the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to",
        ),
    ),
    (
        "cargo xtask model",
        RunBy::Held {
            why: "the tests of `sidecar/engine/model` walk the same configurations, one a test",
            file: "tests/tests/documents/measurements.rs",
            test: "the_models_checker_says_what_holds_and_what_does_not",
        },
    ),
    (
        "cargo xtask help",
        RunBy::Test(
            "tests/tests/documents/mentioned.rs",
            "xtask_knows_the_verbs_that_documents_name",
        ),
    ),
    (
        "dualwrite phase advance cart",
        RunBy::Test(
            "tests/tests/control_path/killed.rs",
            "a_transition_ends_as_it_was_meant_to",
        ),
    ),
    (
        "dualwrite test",
        RunBy::Test(
            "tests/tests/documents/operate.rs",
            "a_stranger_follows_it_from_introspect_to_the_end",
        ),
    ),
    (
        "dualwrite retire cart",
        RunBy::Test(
            "tests/tests/documents/retire.rs",
            "its_commands_end_a_migration_and_say_what_it_says",
        ),
    ),
    (
        "dualwrite-sidecar install --print-sql",
        RunBy::Test(
            "tests/tests/documents/installed.rs",
            "the_sidecar_shows_its_tables",
        ),
    ),
    (
        "dualwrite",
        RunBy::Test(
            "tests/tests/control_path/commands.rs",
            "people_read_tables_and_a_live_view_that_follows_each_change",
        ),
    ),
];

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
