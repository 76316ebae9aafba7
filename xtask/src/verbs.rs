//! One verb per file.

mod bench;
mod demo;
mod fmt;
mod generate;
mod lint;
mod test;

pub(crate) use bench::bench;
pub(crate) use demo::demo;
pub(crate) use fmt::fmt;
pub(crate) use generate::generate;
pub(crate) use lint::lint;
pub(crate) use test::test;

/// The programs that the demo and the benchmarks start, and themselves.
const PROGRAMS: &[&str] = &[
    "--bins",
    "--package=dualwrite-control-plane",
    "--package=dualwrite-sidecar",
    "--package=dualwrite-cli",
    "--package=dualwrite-tests",
];
