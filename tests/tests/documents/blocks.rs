//! Every block that a reader is to run is run: here is which test runs which.

use crate::document::{Document, Fence, docs, read};
use crate::run_by::RunBy;

/// Languages of what a reader runs. `console` is typed where the project
/// cannot go: at a cluster, a registry.
const RUN: [&str; 5] = ["sh", "console", "python", "rust", "sql"];

/// Languages of what a reader looks at.
const SHOWN: [&str; 4] = ["text", "json", "yaml", "env"];

/// Which blocks of a page.
enum Which {
    /// All: a test follows the page from its first line to its last.
    All,
    /// The one whose first line begins so.
    Block(&'static str),
}

use Which::{All, Block};

/// Every page with its blocks, and what runs each.
const BLOCKS: &[(&str, Which, RunBy)] = &[
    (
        "README.md",
        Block("cargo xtask demo"),
        RunBy::Test(
            "tests/tests/control_path/demo.rs",
            "the_demo_on_sqlite_ends_with_databases_that_agree_for_each_service",
        ),
    ),
    (
        "README.md",
        Block("cargo xtask test"),
        RunBy::Ci("exec cargo xtask test"),
    ),
    (
        "control-plane/README.md",
        Block("cargo run -p dualwrite-control-plane"),
        RunBy::Held {
            why: "a server ends when it is told to, and its port is for one alone",
            file: "tests/tests/control_path/commands.rs",
            test: "people_read_tables_and_a_live_view_that_follows_each_change",
        },
    ),
    (
        "control-plane/README.md",
        Block("dualwrite apply -f examples/cart/cart.yaml"),
        RunBy::Held {
            why: "`--watch` goes on until somebody ends it",
            file: "tests/tests/control_path/commands.rs",
            test: "people_read_tables_and_a_live_view_that_follows_each_change",
        },
    ),
    (
        "docs/any-language.md",
        Block("python3 -m pip install grpcio grpcio-reflection grpcio-status"),
        RunBy::Ci("exec cargo xtask test"),
    ),
    (
        "docs/any-language.md",
        Block("\"\"\"A session with a sidecar"),
        RunBy::Test(
            "tests/tests/documents/any_language.rs",
            "the_session_in_python_says_what_the_document_says",
        ),
    ),
    (
        "docs/any-language.md",
        Block("python3 session.py"),
        RunBy::Test(
            "tests/tests/documents/any_language.rs",
            "the_session_in_python_says_what_the_document_says",
        ),
    ),
    (
        "docs/benchmarks.md",
        Block("cargo xtask bench write"),
        RunBy::Held {
            why: "a measurement takes minutes of an idle machine and a build with optimisation",
            file: "tests/tests/documents/measurements.rs",
            test: "a_write_is_measured_and_both_databases_agree",
        },
    ),
    (
        "docs/benchmarks.md",
        Block("cargo xtask bench fanout"),
        RunBy::Held {
            why: "a measurement takes minutes of an idle machine and a build with optimisation",
            file: "tests/tests/documents/measurements.rs",
            test: "a_change_is_measured_until_the_last_has_it",
        },
    ),
    (
        "docs/doctor.md",
        All,
        RunBy::Test(
            "tests/tests/documents/doctor.rs",
            "its_commands_say_what_it_says_of_a_fleet_that_is_well_and_of_one_that_is_not",
        ),
    ),
    (
        "docs/http.md",
        All,
        RunBy::Test(
            "tests/tests/documents/http.rs",
            "every_request_is_answered_as_the_document_says",
        ),
    ),
    (
        "docs/install.md",
        Block("helm install dualwrite"),
        RunBy::Test(
            "tests/tests/chart/documents.rs",
            "every_command_to_install_with_is_run",
        ),
    ),
    (
        "docs/install.md",
        Block("helm template dualwrite"),
        RunBy::Test(
            "tests/tests/chart/documents.rs",
            "every_command_to_install_with_is_run",
        ),
    ),
    (
        "docs/install.md",
        Block("helm dependency build"),
        RunBy::Test(
            "tests/tests/chart/documents.rs",
            "every_command_to_install_with_is_run",
        ),
    ),
    (
        "docs/install.md",
        Block("helm upgrade dualwrite"),
        RunBy::Test(
            "tests/tests/chart/documents.rs",
            "every_command_to_install_with_is_run",
        ),
    ),
    (
        "docs/install.md",
        Block("podman build"),
        RunBy::Held {
            why: "it needs an engine for containers and a registry",
            file: "tests/tests/chart/documents.rs",
            test: "what_is_typed_at_a_cluster_names_what_the_charts_have",
        },
    ),
    (
        "docs/install.md",
        Block("helm test"),
        RunBy::Held {
            why: "it needs a cluster",
            file: "tests/tests/chart/documents.rs",
            test: "what_is_typed_at_a_cluster_names_what_the_charts_have",
        },
    ),
    (
        "docs/install.md",
        Block("kubectl --namespace shop create secret"),
        RunBy::Held {
            why: "it needs a cluster",
            file: "tests/tests/chart/documents.rs",
            test: "what_is_typed_at_a_cluster_names_what_the_charts_have",
        },
    ),
    (
        "docs/install.md",
        Block("helm uninstall"),
        RunBy::Held {
            why: "it needs a cluster",
            file: "tests/tests/chart/documents.rs",
            test: "what_is_typed_at_a_cluster_names_what_the_charts_have",
        },
    ),
    (
        "docs/introspect.md",
        All,
        RunBy::Test(
            "tests/tests/documents/introspect.rs",
            "its_commands_propose_the_examples_manifest",
        ),
    ),
    (
        "docs/model.md",
        Block("cargo xtask model"),
        RunBy::Held {
            why: "the tests of `sidecar/engine/model` walk the same configurations, one a test",
            file: "tests/tests/documents/measurements.rs",
            test: "the_models_checker_says_what_holds_and_what_does_not",
        },
    ),
    (
        "docs/operate.md",
        All,
        RunBy::Test(
            "tests/tests/documents/operate.rs",
            "a_stranger_follows_it_from_introspect_to_the_end",
        ),
    ),
    (
        "docs/quickstart.md",
        Block("let client = DualwriteClient::connect"),
        RunBy::Test(
            "tests/tests/documents/quickstart.rs",
            "the_ten_lines_put_an_item_into_a_cart_and_find_it",
        ),
    ),
    (
        "docs/quickstart.md",
        Block("cargo run --package dualwrite-client --example quickstart"),
        RunBy::Test(
            "tests/tests/documents/quickstart.rs",
            "the_ten_lines_put_an_item_into_a_cart_and_find_it",
        ),
    ),
    (
        "docs/quickstart.md",
        Block("cargo xtask demo --keep"),
        RunBy::Test(
            "tests/tests/control_path/demo.rs",
            "the_demo_on_postgresql_agrees_too_and_keeps_running_when_told_to",
        ),
    ),
    (
        "docs/reliability.md",
        Block("cargo xtask soak"),
        RunBy::Held {
            why: "a soak takes minutes; the short selection of its faults is run",
            file: "tests/chaos/tests/short.rs",
            test: "kills_of_everything_and_flips_on_postgresql",
        },
    ),
    (
        "docs/retire.md",
        All,
        RunBy::Test(
            "tests/tests/documents/retire.rs",
            "its_commands_end_a_migration_and_say_what_it_says",
        ),
    ),
    (
        "docs/simulation.md",
        Block("cargo xtask sim --seeds 10000"),
        RunBy::Held {
            why: "ten thousand worlds take a build with optimisation; a selection of seeds is run",
            file: "sidecar/engine/sim/tests/seeds.rs",
            test: "seeds_from_1_to_40",
        },
    ),
    (
        "docs/simulation.md",
        Block("cargo xtask sim --seed 21 --trace"),
        RunBy::Test(
            "sidecar/engine/sim/tests/repeat.rs",
            "the_same_seed_gives_the_same_trace_in_another_process",
        ),
    ),
    (
        "docs/security.md",
        Block("-- to install"),
        RunBy::Test(
            "tests/tests/postgres_adapter/privileges.rs",
            "the_documented_grants_are_enough_for_installing_and_for_everything_afterwards",
        ),
    ),
    (
        "docs/security.md",
        Block("-- to run"),
        RunBy::Test(
            "tests/tests/postgres_adapter/privileges.rs",
            "the_documented_grants_are_enough_for_installing_and_for_everything_afterwards",
        ),
    ),
];

/// The pages that are held to it.
fn pages() -> Vec<String> {
    let beside = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "control-plane/README.md",
    ];
    let mut pages: Vec<String> = beside.map(str::to_owned).into();
    pages.extend(docs());
    pages
}

fn is_meant(which: &Which, block: &Fence) -> bool {
    match which {
        Which::All => true,
        Which::Block(begin) => block.text.starts_with(begin),
    }
}

#[test]
fn every_block_is_run_by_a_test() {
    let mut used = vec![false; BLOCKS.len()];
    for page in pages() {
        for block in Document::read(&page).fences {
            let (language, first) = (&block.language, block.text.lines().next());
            let first = first.unwrap_or_default();
            if SHOWN.contains(&language.as_str()) {
                continue;
            }
            assert!(
                RUN.contains(&language.as_str()),
                "{page}: what is a block of `{language}`? `{first}`"
            );
            let rows = BLOCKS.iter().enumerate();
            let meant = rows.filter(|(_, (of, which, _))| *of == page && is_meant(which, &block));
            let meant: Vec<usize> = meant.map(|(at, _)| at).collect();
            let [at] = meant.as_slice() else {
                panic!(
                    "{page}: `{first}` is run by {} tests: say in BLOCKS by which",
                    meant.len()
                )
            };
            used[*at] = true;
            let run_by = &BLOCKS[*at].2;
            assert_eq!(
                matches!(run_by, RunBy::Held { .. }),
                language == "console" || is_held(first),
                "{page}: `{first}` of `{language}`: only what cannot be run here is held"
            );
        }
    }
    for ((page, which, run_by), used) in BLOCKS.iter().zip(used) {
        let begin = match which {
            All => "",
            Block(begin) => begin,
        };
        assert!(used, "{page} has no block `{begin}` any more");
        run_by.exists(&format!("{page}: {begin}"));
        let follows = read(run_by.file()).contains(&format!("\"{page}\""));
        assert!(
            follows || matches!(which, Block(_)),
            "{} does not read {page}, and so cannot follow it",
            run_by.file()
        );
    }
}

/// What takes an idle machine or many minutes, or does not end by itself.
fn is_held(first: &str) -> bool {
    let begins = [
        "cargo xtask bench",
        "cargo xtask model",
        "cargo xtask sim --seeds",
        "cargo xtask soak",
        "cargo run -p dualwrite-control-plane",
        "dualwrite apply -f examples/cart/cart.yaml",
    ];
    begins.iter().any(|begin| first.starts_with(begin))
}

/// A command must not hide in a block that nobody runs.
#[test]
fn what_is_only_shown_holds_no_command() {
    let programs = ["dualwrite", "cargo", "curl", "helm", "kubectl", "psql", "$"];
    for page in pages() {
        let fences = Document::read(&page).fences.into_iter();
        for block in fences.filter(|block| block.language == "text") {
            for line in block.text.lines() {
                let first = line.split(' ').next().unwrap_or_default();
                let hides = programs.contains(&first)
                    || (first.starts_with("dualwrite-") && line.contains(" --"));
                assert!(!hides, "{page}: `{line}` is a command: fence it as `sh`");
            }
        }
    }
}
