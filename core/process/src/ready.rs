//! The file that says where a process serves, once it does.
//!
//! Whoever starts a server on port 0 waits for this file and reads the ports
//! from it. It is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

/// Where a process serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ready {
    /// Its gRPC server.
    pub grpc: Option<SocketAddr>,
    /// Its HTTP server.
    pub http: Option<SocketAddr>,
    /// Its Unix socket.
    pub socket: Option<PathBuf>,
}

/// A ready file of this process. It is gone when this is dropped: a process
/// that ended in good order is not ready.
#[derive(Debug)]
pub struct ReadyFile {
    path: PathBuf,
}

/// The ready file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("--ready-file {path} cannot be {verb}; its folder must exist and be writable")]
pub struct ReadyFileError {
    path: String,
    verb: &'static str,
    source: io::Error,
}

// === impl Ready ===

impl Ready {
    /// The content of the file: `{"grpc":"127.0.0.1:7400",...}`, without what
    /// there is not.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Map::new();
        let addresses = [("grpc", self.grpc), ("http", self.http)];
        for (name, address) in addresses {
            if let Some(address) = address {
                json.insert(name.to_owned(), Value::String(address.to_string()));
            }
        }
        if let Some(socket) = &self.socket {
            json.insert(
                "socket".to_owned(),
                Value::String(socket.display().to_string()),
            );
        }
        Value::Object(json).to_string()
    }
}

// === impl ReadyFile ===

impl ReadyFile {
    /// Takes the path for this process: what an earlier one left there is
    /// removed, for it would name a server that is gone.
    ///
    /// # Errors
    /// [`ReadyFileError`].
    pub fn claim(path: &Path) -> Result<Self, ReadyFileError> {
        match fs::remove_file(path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(error(path, "removed", source))
            }
            Ok(()) | Err(_) => Ok(Self {
                path: path.to_owned(),
            }),
        }
    }

    /// Says that the process serves, and where.
    ///
    /// # Errors
    /// [`ReadyFileError`].
    pub fn write(&self, ready: &Ready) -> Result<(), ReadyFileError> {
        write_whole(&self.path, ready.to_json().as_bytes())
            .map_err(|source| error(&self.path, "written", source))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // There may be none, and nobody is left to be told.
        fs::remove_file(&self.path).ok();
    }
}

/// Writes beside the path, makes it durable, and only then gives it its name.
fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = File::create(&beside)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written
        .and_then(|()| fs::rename(&beside, path))
        .inspect_err(|_| {
            fs::remove_file(&beside).ok();
        })
}

fn error(path: &Path, verb: &'static str, source: io::Error) -> ReadyFileError {
    ReadyFileError {
        path: path.display().to_string(),
        verb,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_there_from_ready_to_the_end_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        fs::write(&path, "{\"grpc\":\"127.0.0.1:1\"}").unwrap();

        let file = ReadyFile::claim(&path).unwrap();
        assert!(
            !path.exists(),
            "an earlier process's file must not look like this one's"
        );

        let ready = Ready {
            grpc: Some("127.0.0.1:7400".parse().unwrap()),
            http: None,
            socket: Some(PathBuf::from("/run/cart.sock")),
        };
        file.write(&ready).unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            r#"{"grpc":"127.0.0.1:7400","socket":"/run/cart.sock"}"#
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("absent").join("ready.json");
        let file = ReadyFile::claim(&path).unwrap();
        let error = file.write(&Ready::default()).unwrap_err().to_string();
        assert!(
            error.contains("absent") && error.contains("--ready-file"),
            "{error}"
        );
    }
}
