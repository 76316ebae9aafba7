//! What happened in a run, line by line, with the virtual time of each.

use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// The lines of a run. Where nobody wants to read them, they are not written.
#[derive(Debug)]
pub struct Trace {
    began: Instant,
    lines: Option<Mutex<String>>,
}

impl Trace {
    /// A trace that begins now.
    #[must_use]
    pub fn new(wanted: bool) -> Self {
        Self {
            began: Instant::now(),
            lines: wanted.then(Mutex::default),
        }
    }

    /// Notes something.
    pub fn note(&self, what: std::fmt::Arguments<'_>) {
        if let Some(lines) = &self.lines {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            let at = self.began.elapsed().as_micros();
            // Writing to a string has no way to fail.
            let _ = writeln!(lines, "{at:>9} {what}");
        }
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.lines.as_ref().map(Mutex::lock);
        lines.map_or_else(String::new, |lines| {
            lines.unwrap_or_else(PoisonError::into_inner).clone()
        })
    }
}
