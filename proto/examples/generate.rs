//! Writes the bindings that are committed under `src/generated`:
//! `cargo run -p dualwrite-proto --example generate`.

use std::path::Path;

#[path = "../codegen.rs"]
mod codegen;

fn main() -> anyhow::Result<()> {
    codegen::generate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generated"))
}
