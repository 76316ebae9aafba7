//! The file.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};

use super::{End, Event, Intent, Outcome, Steps};

/// A history that is being written. Clones write to the same file.
#[derive(Debug, Clone)]
pub struct History {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    file: Mutex<BufWriter<File>>,
    /// The order of everything. An operation takes its place *before* it is sent and *after* it
    /// was answered, so that what came first here came first.
    order: AtomicU64,
    operations: AtomicU64,
    began: Instant,
}

/// An operation that has begun.
#[derive(Debug)]
pub struct Begun {
    operation: u64,
}

impl History {
    /// A new file.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
        Ok(Self {
            shared: Arc::new(Shared {
                path: path.to_owned(),
                file: Mutex::new(BufWriter::new(file)),
                order: AtomicU64::new(0),
                operations: AtomicU64::new(0),
                began: Instant::now(),
            }),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Milliseconds since it began.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.shared.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// An operation begins.
    pub fn begin(
        &self,
        writer: u64,
        sidecar: usize,
        request: Option<String>,
        steps: Steps,
    ) -> Result<Begun> {
        let operation = self.shared.operations.fetch_add(1, Ordering::SeqCst);
        let intent = Intent {
            operation,
            at: self.next(),
            ms: self.ms(),
            writer,
            sidecar,
            request,
            steps,
        };
        // Written before the first byte is sent, so that nothing can take effect unrecorded.
        self.write(&Event::Intent(intent))?;
        Ok(Begun { operation })
    }

    /// An operation ends.
    pub fn end(&self, begun: Begun, tries: u32, outcome: Outcome) -> Result<()> {
        let end = End {
            operation: begun.operation,
            at: self.next(),
            ms: self.ms(),
            tries,
            outcome,
        };
        self.write(&Event::End(end))
    }

    /// A fault, or its end.
    pub fn fault(&self, what: impl Into<String>) -> Result<()> {
        let (ms, what) = (self.ms(), what.into());
        self.write(&Event::Fault { ms, what })
    }

    /// Any other line.
    pub fn write(&self, event: &Event) -> Result<()> {
        let line = serde_json::to_string(event)?;
        let mut file = self
            .shared
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").context("write the history")
    }

    /// Everything so far is in the file.
    pub fn flush(&self) -> Result<()> {
        let mut file = self
            .shared
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        file.flush().context("write the history")
    }

    fn next(&self) -> u64 {
        self.shared.order.fetch_add(1, Ordering::SeqCst)
    }
}

/// Reads a history.
pub fn read(path: &Path) -> Result<Vec<Event>> {
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    let lines = BufReader::new(file).lines().enumerate();
    let events = lines.map(|(number, line)| {
        let line = line.with_context(|| format!("read {}", path.display()))?;
        serde_json::from_str(&line)
            .with_context(|| format!("{}, line {}: no event", path.display(), number + 1))
    });
    events.collect()
}
