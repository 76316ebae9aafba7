//! Reads: what was shown was true at some instant of the call.

use dualwrite_core::value::Value;

use super::{Oracle, Row};
use crate::shop::Name;

/// A read that is under way.
#[derive(Debug)]
pub struct Reading {
    name: Name,
    /// The last accepted write when it began.
    began: u64,
    /// The oldest accepted write that it may show.
    least: Option<u64>,
}

impl Oracle {
    /// The number of the last accepted write.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.book().now
    }

    /// A read that must show the newest begins.
    #[must_use]
    pub fn reads(&self, name: &Name) -> Reading {
        Reading {
            name: name.clone(),
            began: self.now(),
            least: None,
        }
    }

    /// A read begins that may show what is old, but nothing older than this
    /// accepted write.
    #[must_use]
    pub fn reads_since(&self, name: &Name, least: u64) -> Reading {
        Reading {
            name: name.clone(),
            began: self.now(),
            least: Some(least),
        }
    }

    /// A read has shown this row.
    pub fn was_shown(&self, reading: &Reading, shown: Option<&[Value]>) {
        let shown: Row = shown.map(<[Value]>::to_vec);
        let least = reading.least.unwrap_or(reading.began);
        let truthful = {
            let book = self.book();
            let Some(versions) = book.versions.get(&reading.name) else {
                // Nobody ever wrote it: nothing is known of it.
                return;
            };
            versions.iter().enumerate().any(|(at, (_, row))| {
                let until = versions.get(at + 1).map(|(since, _)| *since);
                // Still true when the call began, or at the oldest that it may show.
                until.is_none_or(|until| until > least) && *row == shown
            })
        };
        if !truthful {
            let name = &reading.name;
            let what =
                format!("{name} was shown as {shown:?}, which it was not after write {least}");
            self.broken("reads", what);
        }
    }
}
