//! The snapshot on disk.

use std::io;
use std::path::{Path, PathBuf};

use dualwrite_core::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::disk;

/// The form of the file; a file of another form is ignored.
const FORMAT: u32 = 1;

/// `snapshot.json` in the state folder.
#[derive(Debug, Clone)]
pub(crate) struct SnapshotFile {
    path: PathBuf,
    service: String,
}

/// What the file says about the snapshot in it.
#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u32,
    service: String,
    revision: u64,
    /// Of the very bytes of `snapshot`.
    sha256: String,
    snapshot: Box<RawValue>,
}

/// Why a snapshot on disk is not used, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFileError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It is cut short, or no such file at all.
    #[error("{path} is torn or no snapshot ({why}); the control plane sends a new one")]
    Torn {
        /// The file.
        path: PathBuf,
        /// What was met.
        why: String,
    },
    /// Its checksum is not that of its content.
    #[error("{path} was changed: its checksum does not match; the control plane sends a new one")]
    Checksum {
        /// The file.
        path: PathBuf,
    },
    /// It is of another version.
    #[error("{path} has format {format}, this version reads {FORMAT}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// It belongs to another service.
    #[error(
        "{path} belongs to the service `{found}`, not to `{expected}`; give each service a state folder of its own"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The service in it.
        found: String,
        /// The service that runs.
        expected: String,
    },
}

impl SnapshotFile {
    pub(crate) fn new(folder: &Path, service: &str) -> Self {
        Self {
            path: folder.join("snapshot.json"),
            service: service.to_owned(),
        }
    }

    /// The snapshot, `None` when there is no file.
    pub(crate) fn load(&self) -> Result<Option<Snapshot>, SnapshotFileError> {
        let Some(bytes) = disk::read(&self.path).map_err(|source| self.io(source))? else {
            return Ok(None);
        };
        let envelope: Envelope = serde_json::from_slice(&bytes).map_err(|e| self.torn(&e))?;
        if envelope.format != FORMAT {
            return Err(SnapshotFileError::Format {
                path: self.path.clone(),
                format: envelope.format,
            });
        }
        let text = envelope.snapshot.get();
        if envelope.sha256 != checksum(text) {
            return Err(SnapshotFileError::Checksum {
                path: self.path.clone(),
            });
        }
        let snapshot: Snapshot = serde_json::from_str(text).map_err(|e| self.torn(&e))?;
        if snapshot.service != self.service {
            return Err(SnapshotFileError::Foreign {
                path: self.path.clone(),
                found: snapshot.service,
                expected: self.service.clone(),
            });
        }
        Ok(Some(snapshot))
    }

    /// Replaces the file. Blocks.
    pub(crate) fn store(&self, snapshot: &Snapshot) -> Result<(), SnapshotFileError> {
        let text = serde_json::value::to_raw_value(snapshot).map_err(|e| self.torn(&e))?;
        let envelope = Envelope {
            format: FORMAT,
            service: self.service.clone(),
            revision: snapshot.revision,
            sha256: checksum(text.get()),
            snapshot: text,
        };
        let bytes = serde_json::to_vec(&envelope).map_err(|e| self.torn(&e))?;
        disk::replace(&self.path, &bytes).map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> SnapshotFileError {
        SnapshotFileError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn torn(&self, error: &serde_json::Error) -> SnapshotFileError {
        SnapshotFileError::Torn {
            path: self.path.clone(),
            why: error.to_string(),
        }
    }
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use dualwrite_core::phase::Phase;
    use dualwrite_core::spec::Spec;

    use super::*;

    fn snapshot(service: &str, revision: u64) -> Snapshot {
        Snapshot {
            service: service.to_owned(),
            revision,
            epoch: 3,
            phase: Phase::DualWrite,
            marking: true,
            spec: Spec::default(),
            plan: None,
            retired: false,
        }
    }

    fn file() -> (tempfile::TempDir, SnapshotFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = SnapshotFile::new(folder.path(), "cart");
        (folder, file)
    }

    #[test]
    fn what_was_stored_last_is_loaded() {
        let (_folder, file) = file();
        assert!(file.load().unwrap().is_none());
        file.store(&snapshot("cart", 1)).unwrap();
        file.store(&snapshot("cart", 2)).unwrap();
        assert_eq!(file.load().unwrap(), Some(snapshot("cart", 2)));
    }

    #[test]
    fn a_file_cut_short_anywhere_is_torn() {
        let (_folder, file) = file();
        file.store(&snapshot("cart", 1)).unwrap();
        let whole = std::fs::read(&file.path).unwrap();
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file.path, &whole[..length]).unwrap();
            assert!(
                matches!(file.load(), Err(SnapshotFileError::Torn { .. })),
                "{length}"
            );
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let (_folder, file) = file();
        file.store(&snapshot("cart", 1)).unwrap();
        let text = std::fs::read_to_string(&file.path).unwrap();
        let changed = text.replace("\"marking\":true", "\"marking\":false");
        assert_ne!(text, changed);
        std::fs::write(&file.path, changed).unwrap();
        assert!(matches!(
            file.load(),
            Err(SnapshotFileError::Checksum { .. })
        ));
    }

    #[test]
    fn a_file_of_another_service_or_format_is_refused() {
        let (_folder, file) = file();
        file.store(&snapshot("order", 1)).unwrap();
        let error = file.load().unwrap_err().to_string();
        assert!(
            error.contains("`order`") && error.contains("`cart`"),
            "{error}"
        );

        file.store(&snapshot("cart", 1)).unwrap();
        let text = std::fs::read_to_string(&file.path).unwrap();
        std::fs::write(&file.path, text.replace("\"format\":1", "\"format\":2")).unwrap();
        assert!(matches!(
            file.load(),
            Err(SnapshotFileError::Format { format: 2, .. })
        ));
    }

    #[test]
    fn a_folder_in_the_place_of_the_file_is_an_error_and_not_a_panic() {
        let (folder, file) = file();
        std::fs::create_dir_all(folder.path().join("snapshot.json/x")).unwrap();
        assert!(matches!(file.load(), Err(SnapshotFileError::Io { .. })));
        assert!(matches!(
            file.store(&snapshot("cart", 1)),
            Err(SnapshotFileError::Io { .. })
        ));
    }
}
