//! The largest epoch on disk.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk;

/// `epoch.json` in the state folder, beside the snapshot.
#[derive(Debug, Clone)]
pub(super) struct EpochFile {
    path: PathBuf,
    service: String,
}

#[derive(Serialize, Deserialize)]
struct Content {
    service: String,
    epoch: u64,
}

/// Why the largest epoch could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EpochFileError {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// It is no such file.
    #[error("{path} is no epoch file ({why}); delete it to start anew")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was met.
        why: String,
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

impl EpochFile {
    pub(super) fn new(folder: &Path, service: &str) -> Self {
        Self {
            path: folder.join("epoch.json"),
            service: service.to_owned(),
        }
    }

    /// The epoch, 0 when there is no file.
    pub(super) fn load(&self) -> Result<u64, EpochFileError> {
        let Some(bytes) = disk::read(&self.path).map_err(|source| self.io(source))? else {
            return Ok(0);
        };
        let content: Content = serde_json::from_slice(&bytes).map_err(|e| self.malformed(&e))?;
        if content.service != self.service {
            return Err(EpochFileError::Foreign {
                path: self.path.clone(),
                found: content.service,
                expected: self.service.clone(),
            });
        }
        Ok(content.epoch)
    }

    /// Replaces the file. Blocks.
    pub(super) fn store(&self, epoch: u64) -> Result<(), EpochFileError> {
        let service = self.service.clone();
        let bytes =
            serde_json::to_vec(&Content { service, epoch }).map_err(|e| self.malformed(&e))?;
        disk::replace(&self.path, &bytes).map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> EpochFileError {
        EpochFileError::Io {
            path: self.path.clone(),
            source,
        }
    }

    fn malformed(&self, error: &serde_json::Error) -> EpochFileError {
        EpochFileError::Malformed {
            path: self.path.clone(),
            why: error.to_string(),
        }
    }
}
