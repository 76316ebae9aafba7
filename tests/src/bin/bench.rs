//! `cargo xtask bench NAME`: measurements.

fn main() -> anyhow::Result<()> {
    anyhow::bail!("the benchmarks are not there yet")
}
