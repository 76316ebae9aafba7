//! What was measured on.

use std::fs;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The machine and the programs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// When, in UTC.
    pub(crate) date: String,
    /// Processors that this process may use.
    pub(crate) cores: usize,
    /// As the kernel calls it.
    pub(crate) processor: String,
    /// Version of the servers that are measured.
    pub(crate) servers: String,
    /// `release` or `debug`.
    pub(crate) build: &'static str,
}

impl Machine {
    pub(crate) fn this(servers: String) -> Self {
        let now = OffsetDateTime::now_utc();
        let now = now.replace_nanosecond(0).unwrap_or(now);
        Self {
            date: now.format(&Rfc3339).unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: processor().unwrap_or_else(|| "unknown processor".to_owned()),
            servers,
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
        }
    }
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
