//! Who of us may depend on whom. Dependencies point down only; siblings never see each other.

use anyhow::Result;
use cargo_metadata::DependencyKind;

use crate::workspace::{Graph, graph};

/// From the bottom to the top: a package, and those of ours that it may depend on. A line may only
/// name packages of lines above it.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    // The rules know nobody. What every process does alike reads its settings as a manifest is read.
    ("dualwrite-core", &[]),
    ("dualwrite-process", &["dualwrite-core"]),
    // The language knows the rules.
    ("dualwrite-proto", &["dualwrite-core"]),
    // The control plane: use cases know the rules alone; adapters know the use cases, and those
    // that speak gRPC also how every process of ours speaks it.
    ("dualwrite-control-app", &["dualwrite-core"]),
    (
        "dualwrite-control-store",
        &["dualwrite-core", "dualwrite-control-app"],
    ),
    (
        "dualwrite-control-grpc",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-control-app",
        ],
    ),
    // Figures and checks are told over HTTP as every process of ours tells them.
    (
        "dualwrite-control-console",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-control-app",
        ],
    ),
    // The sidecar: likewise.
    ("dualwrite-engine", &["dualwrite-core"]),
    // The protocol as a model: it knows the rules alone, so that it can be held against the engine.
    ("dualwrite-model", &["dualwrite-core"]),
    // Whole engines under virtual time, over servers in memory.
    ("dualwrite-sim", &["dualwrite-core", "dualwrite-engine"]),
    ("dualwrite-mysql", &["dualwrite-core", "dualwrite-engine"]),
    (
        "dualwrite-postgres",
        &["dualwrite-core", "dualwrite-engine"],
    ),
    ("dualwrite-sqlite", &["dualwrite-core", "dualwrite-engine"]),
    (
        "dualwrite-ingress",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-engine",
        ],
    ),
    (
        "dualwrite-link",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-engine",
        ],
    ),
    // The SDK knows the language, and nothing of how it is answered.
    ("dualwrite-client", &["dualwrite-core", "dualwrite-proto"]),
    // The binaries compose.
    (
        "dualwrite-control-plane",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-control-app",
            "dualwrite-control-store",
            "dualwrite-control-grpc",
            "dualwrite-control-console",
        ],
    ),
    (
        "dualwrite-sidecar",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-engine",
            "dualwrite-mysql",
            "dualwrite-postgres",
            "dualwrite-sqlite",
            "dualwrite-ingress",
            "dualwrite-link",
        ],
    ),
    (
        "dualwrite-cli",
        &[
            "dualwrite-core",
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-client",
        ],
    ),
    // The harness, the demo and the benchmarks stand outside: they use what an application uses,
    // and reach into the engine and its adapters for contract tests.
    (
        "dualwrite-tests",
        &[
            "dualwrite-core",
            "dualwrite-proto",
            "dualwrite-client",
            "dualwrite-engine",
            "dualwrite-sim",
            "dualwrite-mysql",
            "dualwrite-postgres",
            "dualwrite-sqlite",
            // What callers are told of every error, through the real servers.
            "dualwrite-ingress",
        ],
    ),
    // The demo is an application and an operator, and checks by its own SQL.
    (
        "dualwrite-demo",
        &[
            "dualwrite-core",
            "dualwrite-proto",
            "dualwrite-client",
            "dualwrite-tests",
        ],
    ),
    // So are the writers and the operator of the proof by failure.
    (
        "dualwrite-chaos",
        &["dualwrite-proto", "dualwrite-client", "dualwrite-tests"],
    ),
    // The benchmarks run the engine without a sidecar as well, to tell what the protocol costs.
    (
        "dualwrite-bench",
        &[
            "dualwrite-core",
            "dualwrite-client",
            "dualwrite-engine",
            "dualwrite-postgres",
            // The fan-out speaks the session's protocol.
            "dualwrite-proto",
            "dualwrite-tests",
        ],
    ),
    // It builds everything, so it must build before everything.
    ("xtask", &[]),
];

/// Everybody may test with these.
const FOR_TESTS: &[&str] = &["dualwrite-core", "dualwrite-tests"];

/// What a package may see in its tests alone, and why.
const MAY_TEST_WITH: &[(&str, &str)] = &[
    // Serving is tested on the use cases with a store beneath; the SQLite one is as quick as a fake.
    ("dualwrite-control-grpc", "dualwrite-control-store"),
    ("dualwrite-control-console", "dualwrite-control-store"),
];

fn allowed(package: &str) -> Option<&'static [&'static str]> {
    MAY_DEPEND_ON
        .iter()
        .find(|(name, _)| *name == package)
        .map(|(_, allowed)| *allowed)
}

fn is_ours(name: &str) -> bool {
    name.starts_with("dualwrite-") || name == "xtask"
}

/// What of this graph the table does not allow, nor `also` (package, dependency).
fn violations(graph: &Graph, also: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (package, dependencies) in graph {
        let Some(allowed) = allowed(package) else {
            found.push(format!(
                "{package} has no line in the table: say where it stands"
            ));
            continue;
        };
        let outside = dependencies
            .iter()
            .map(String::as_str)
            .filter(|name| is_ours(name) && !allowed.contains(name) && !also(package, name));
        found.extend(outside.map(|name| format!("{package} must not depend on {name}")));
    }
    found
}

fn nothing(_: &str, _: &str) -> bool {
    false
}

fn in_tests(package: &str, name: &str) -> bool {
    FOR_TESTS.contains(&name) || MAY_TEST_WITH.contains(&(package, name))
}

#[test]
fn nobody_depends_on_what_the_table_does_not_name() -> Result<()> {
    assert_eq!(
        violations(&graph(DependencyKind::Normal)?, nothing),
        [""; 0]
    );
    assert_eq!(violations(&graph(DependencyKind::Build)?, nothing), [""; 0]);
    Ok(())
}

#[test]
fn tests_reach_no_further_than_what_they_test() -> Result<()> {
    assert_eq!(
        violations(&graph(DependencyKind::Development)?, in_tests),
        [""; 0]
    );
    Ok(())
}

#[test]
fn the_table_points_down_only() {
    for (line, (package, allowed)) in MAY_DEPEND_ON.iter().enumerate() {
        let above: Vec<&str> = MAY_DEPEND_ON
            .iter()
            .take(line)
            .map(|(name, _)| *name)
            .collect();
        for name in *allowed {
            assert!(
                above.contains(name),
                "{package} may depend on {name}, which is not above it"
            );
        }
    }
}

#[test]
fn every_line_of_the_table_is_a_package() -> Result<()> {
    let graph = graph(DependencyKind::Normal)?;
    for (package, _) in MAY_DEPEND_ON {
        assert!(
            graph.contains_key(*package),
            "there is no package {package}"
        );
    }
    Ok(())
}

#[test]
fn a_violation_is_found() {
    let edges = [
        (
            "dualwrite-engine",
            vec!["dualwrite-core", "dualwrite-ingress", "tokio"],
        ),
        ("dualwrite-newcomer", vec![]),
    ];
    let graph = edges.into_iter().map(|(package, names)| {
        (
            package.to_owned(),
            names.into_iter().map(str::to_owned).collect(),
        )
    });
    assert_eq!(
        violations(&graph.collect(), nothing),
        [
            "dualwrite-engine must not depend on dualwrite-ingress",
            "dualwrite-newcomer has no line in the table: say where it stands",
        ]
    );
}
