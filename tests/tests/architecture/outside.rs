//! Which crates of others may be used where.

use anyhow::Result;
use cargo_metadata::DependencyKind;

use crate::workspace::{Graph, graph};

/// A family of crates and the only packages that may use it.
struct Rule {
    what: &'static str,
    crates: &'static [&'static str],
    only_in: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        what: "wire types",
        crates: &[
            "dualwrite-proto",
            "prost",
            "prost-types",
            "tonic-prost",
            "tonic-types",
        ],
        only_in: &[
            "dualwrite-proto",
            "dualwrite-control-grpc",
            "dualwrite-ingress",
            "dualwrite-link",
            "dualwrite-client",
            "dualwrite-cli",
            "dualwrite-control-plane",
            "dualwrite-sidecar",
            "dualwrite-tests",
            "dualwrite-chaos",
            "dualwrite-demo",
            "dualwrite-bench",
        ],
    },
    Rule {
        what: "gRPC",
        crates: &["tonic", "tonic-health", "tonic-reflection"],
        only_in: &[
            "dualwrite-process",
            "dualwrite-proto",
            "dualwrite-control-grpc",
            "dualwrite-ingress",
            "dualwrite-link",
            "dualwrite-client",
            "dualwrite-cli",
            "dualwrite-control-plane",
            "dualwrite-sidecar",
            "dualwrite-tests",
            "dualwrite-chaos",
            "dualwrite-demo",
            "dualwrite-bench",
        ],
    },
    Rule {
        what: "SQL",
        crates: &[
            "sqlx",
            "tokio-postgres",
            "deadpool-postgres",
            "rusqlite",
            "mysql_async",
        ],
        only_in: &[
            "dualwrite-control-store",
            "dualwrite-mysql",
            "dualwrite-postgres",
            "dualwrite-sqlite",
            "dualwrite-tests",
            "dualwrite-demo",
            "dualwrite-bench",
        ],
    },
    Rule {
        what: "HTTP",
        crates: &["axum", "hyper"],
        only_in: &[
            "dualwrite-control-console",
            "dualwrite-ingress",
            "dualwrite-control-plane",
            "dualwrite-sidecar",
        ],
    },
    Rule {
        what: "untyped errors",
        crates: &["anyhow"],
        only_in: &[
            "dualwrite-process",
            "dualwrite-control-plane",
            "dualwrite-sidecar",
            "dualwrite-cli",
            "dualwrite-tests",
            "dualwrite-chaos",
            "dualwrite-demo",
            "dualwrite-bench",
            "xtask",
        ],
    },
];

/// Core has no runtime, no clock, no randomness and no I/O.
const NOT_IN_CORE: &[&str] = &[
    "tokio",
    "futures-util",
    "async-trait",
    "tracing",
    "rand",
    "tempfile",
];

/// The language says what travels, not how a runtime carries it.
const NOT_IN_PROTO: &[&str] = &["tokio", "tokio-stream", "tower", "axum"];

fn violations(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for (package, dependencies) in graph {
        for Rule {
            what,
            crates,
            only_in,
        } in RULES
        {
            let used = dependencies
                .iter()
                .filter(|name| crates.contains(&name.as_str()));
            let wrong = used.filter(|_| !only_in.contains(&package.as_str()));
            found.extend(wrong.map(|name| format!("{package} must not use {name} ({what})")));
        }
    }
    for (package, never) in [
        ("dualwrite-core", NOT_IN_CORE),
        ("dualwrite-proto", NOT_IN_PROTO),
    ] {
        let dependencies = graph.get(package).into_iter().flatten();
        let wrong = dependencies.filter(|name| never.contains(&name.as_str()));
        found.extend(wrong.map(|name| format!("{package} must not use {name}")));
    }
    found
}

#[test]
fn wire_sql_and_http_stay_where_they_belong() -> Result<()> {
    assert_eq!(violations(&graph(DependencyKind::Normal)?), [""; 0]);
    Ok(())
}

#[test]
fn a_violation_is_found() {
    let edges = [
        ("dualwrite-core", vec!["serde", "tokio"]),
        ("dualwrite-engine", vec!["sqlx", "tokio"]),
        ("dualwrite-control-console", vec!["prost-types"]),
    ];
    let graph = edges.into_iter().map(|(package, names)| {
        (
            package.to_owned(),
            names.into_iter().map(str::to_owned).collect(),
        )
    });
    assert_eq!(
        violations(&graph.collect()),
        [
            "dualwrite-control-console must not use prost-types (wire types)",
            "dualwrite-engine must not use sqlx (SQL)",
            "dualwrite-core must not use tokio",
        ]
    );
}
