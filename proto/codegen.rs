//! How the bindings are made out of the protos. Shared by the example that
//! writes them and the test that compares them, so that the two cannot differ.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use prost::Message as _;

/// Name of the descriptor set beside the bindings.
const DESCRIPTOR_SET: &str = "dualwrite.v1.bin";

/// Writes the bindings and the descriptor set of all protos into `out_dir`.
pub(crate) fn generate(out_dir: &Path) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors =
        protox::compile(protos(root)?, [root]).context("the protos do not compile")?;
    std::fs::write(out_dir.join(DESCRIPTOR_SET), descriptors.encode_to_vec())
        .with_context(|| format!("cannot write into {}", out_dir.display()))?;
    tonic_prost_build::configure()
        .out_dir(out_dir)
        // Maps in the order of their keys: equal messages have equal bytes.
        .btree_map(".")
        .compile_fds(descriptors)
        .context("no bindings can be made of the protos")
}

/// All protos, sorted, so that the result does not depend on the file system.
fn protos(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = root.join("dualwrite/v1");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
