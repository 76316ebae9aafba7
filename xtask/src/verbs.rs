//! One verb per file.

mod bench;
mod demo;
mod fmt;
mod generate;
mod lint;
mod model;
mod sim;
mod soak;
mod test;

pub(crate) use bench::bench;
pub(crate) use demo::demo;
pub(crate) use fmt::fmt;
pub(crate) use generate::generate;
pub(crate) use lint::lint;
pub(crate) use model::model;
pub(crate) use sim::sim;
pub(crate) use soak::soak;
pub(crate) use test::test;

/// All programs but this one: what the demo and the scenarios start, and themselves.
const PROGRAMS: &[&str] = &["--workspace", "--exclude=xtask", "--bins"];
