//! The committed bindings are those of the protos.

use std::collections::BTreeMap;
use std::path::Path;

#[path = "../codegen.rs"]
mod codegen;

fn files(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        files.insert(
            entry.file_name().to_string_lossy().into_owned(),
            std::fs::read(entry.path())?,
        );
    }
    Ok(files)
}

#[test]
fn committed_bindings_are_those_of_the_protos() -> anyhow::Result<()> {
    let fresh = tempfile::tempdir()?;
    codegen::generate(fresh.path())?;
    let fresh = files(fresh.path())?;
    let committed = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated"))?;

    assert_eq!(
        fresh.keys().collect::<Vec<_>>(),
        committed.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in fresh {
        assert!(
            committed[&name] == bytes,
            "{name} is stale; run `cargo run -p dualwrite-proto --example generate`"
        );
    }
    Ok(())
}
