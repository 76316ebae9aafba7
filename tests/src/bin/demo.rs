//! `cargo xtask demo`: one migration from end to end.

fn main() -> anyhow::Result<()> {
    anyhow::bail!("the demo is not there yet")
}
