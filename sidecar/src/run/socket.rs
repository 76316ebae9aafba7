//! The Unix socket: reached by its owner and group, and by nobody else.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// Owner and group may call; the pod or the host decides who is in the group.
const MODE: u32 = 0o660;

/// A socket of this process. Its file is gone when this is dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    listener: Option<UnixListener>,
    path: PathBuf,
}

/// A socket that cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub(super) enum SocketError {
    /// Another process serves there.
    #[error(
        "--socket {path} is taken: another process serves there; end it, or choose another path"
    )]
    Taken {
        /// The path.
        path: String,
    },
    /// Something else is there.
    #[error("--socket {path} is there already and is no socket; choose another path")]
    NoSocket {
        /// The path.
        path: String,
    },
    /// The operating system refuses.
    #[error("--socket {path} cannot be {verb}; its folder must exist and be writable")]
    Refused {
        /// The path.
        path: String,
        /// What was tried.
        verb: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

impl SocketFile {
    /// Listens on this path. A socket that an earlier process left behind is
    /// replaced.
    pub(super) fn bind(path: &Path) -> Result<Self, SocketError> {
        refuse_taken(path)?;
        // Bound under another name and renamed once its mode is right, so that
        // nobody calls before that and nobody meets a half-made socket.
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let beside = path.with_file_name(name);
        let refused = |verb| {
            move |source| SocketError::Refused {
                path: path.display().to_string(),
                verb,
                source,
            }
        };
        let listener = UnixListener::bind(&beside).map_err(refused("bound"))?;
        let placed = fs::set_permissions(&beside, fs::Permissions::from_mode(MODE))
            .and_then(|()| fs::rename(&beside, path));
        if placed.is_err() {
            fs::remove_file(&beside).ok();
        }
        placed.map_err(refused("put in place"))?;
        Ok(Self {
            listener: Some(listener),
            path: path.to_owned(),
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The listener; `None` the second time.
    pub(super) const fn take(&mut self) -> Option<UnixListener> {
        self.listener.take()
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Nobody is left to be told.
        fs::remove_file(&self.path).ok();
    }
}

/// Makes sure that the path is free, or a socket that nobody serves.
fn refuse_taken(path: &Path) -> Result<(), SocketError> {
    let shown = || path.display().to_string();
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        return Err(SocketError::NoSocket { path: shown() });
    }
    if UnixStream::connect(path).is_ok() {
        return Err(SocketError::Taken { path: shown() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_for_owner_and_group_and_goes_with_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cart.sock");
        let socket = SocketFile::bind(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        assert!(UnixStream::connect(&path).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn what_an_earlier_process_left_is_replaced_and_what_serves_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cart.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let _socket = SocketFile::bind(&path).unwrap();
        assert!(matches!(
            SocketFile::bind(&path),
            Err(SocketError::Taken { .. })
        ));
    }

    #[tokio::test]
    async fn a_file_or_a_missing_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("precious");
        fs::write(&path, "data").unwrap();
        assert!(matches!(
            SocketFile::bind(&path),
            Err(SocketError::NoSocket { .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "data");
        let absent = folder.path().join("absent/cart.sock");
        assert!(matches!(
            SocketFile::bind(&absent),
            Err(SocketError::Refused { .. })
        ));
    }
}
