//! The last good snapshot: in memory while the process lives, on disk for the
//! next one.

mod file;

use std::path::Path;

use dualwrite_core::snapshot::Snapshot;
use dualwrite_core::spec::Entity;

use file::SnapshotFile;
pub use file::SnapshotFileError;

/// The last good snapshot, and what is known of its mapping.
#[derive(Debug)]
pub(crate) struct Held {
    file: Option<SnapshotFile>,
    snapshot: Option<Snapshot>,
    /// The entities that this process has found to fit the databases. Empty
    /// after a restart: a schema may have changed meanwhile.
    checked: Option<Vec<Entity>>,
}

impl Held {
    /// What is on disk for this service. A file that is torn, of another
    /// service or of another format is ignored, and said so.
    pub(crate) fn load(state_dir: Option<&Path>, service: &str) -> Self {
        let file = state_dir.map(|folder| SnapshotFile::new(folder, service));
        let snapshot = match file.as_ref().map(SnapshotFile::load) {
            None | Some(Ok(None)) => None,
            Some(Ok(Some(snapshot))) => Some(snapshot),
            Some(Err(error)) => {
                tracing::error!(%error, "the snapshot on disk is ignored");
                None
            }
        };
        Self {
            file,
            snapshot,
            checked: None,
        }
    }

    /// The snapshot.
    pub(crate) const fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }

    /// Its revision, 0 for none.
    pub(crate) fn revision(&self) -> u64 {
        self.snapshot
            .as_ref()
            .map_or(0, |snapshot| snapshot.revision)
    }

    /// Whether it says that the migration has ended.
    pub(crate) fn is_retired(&self) -> bool {
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.retired)
    }

    /// Whether this process has found these entities to fit the databases.
    pub(crate) fn has_checked(&self, entities: &[Entity]) -> bool {
        self.checked.as_deref() == Some(entities)
    }

    /// Keeps a snapshot whose mapping was found to fit. Answers what is to be
    /// written to disk, if there is a place for it.
    pub(crate) fn keep(&mut self, snapshot: Snapshot) -> Option<(SnapshotFile, Snapshot)> {
        self.checked = Some(snapshot.spec.entities.clone());
        self.snapshot = Some(snapshot.clone());
        self.file.clone().map(|file| (file, snapshot))
    }
}
