//! The workspace as cargo sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;
use cargo_metadata::{DependencyKind, MetadataCommand};

/// Package name to the names of what it depends on.
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Dependencies of this kind of every package of the workspace.
pub(crate) fn graph(kind: DependencyKind) -> Result<Graph> {
    let manifest = root().join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()?;
    let packages = metadata.packages.into_iter().map(|package| {
        let dependencies = package
            .dependencies
            .into_iter()
            .filter(|one| one.kind == kind);
        (
            package.name.to_string(),
            dependencies.map(|one| one.name).collect(),
        )
    });
    Ok(packages.collect())
}
