//! Finding the server's programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Where Debian and Ubuntu put the programs of each version; they are not on the PATH there.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";

/// The programs of one installed server.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    /// For example `15.18`.
    pub(super) version: String,
}

impl Programs {
    /// The programs on the PATH, or the newest ones that Debian installed.
    pub(super) fn find() -> Result<Self> {
        let on_path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
        folders.extend(debian_folders());
        match folders.into_iter().find(|folder| is_complete(folder)) {
            Some(folder) => Ok(Self {
                version: version(&folder)?,
                folder,
            }),
            None => bail!(
                "the PostgreSQL server programs (initdb, postgres) are neither on the PATH nor \
                 under {DEBIAN_ROOT}: install them, on Debian and Ubuntu with `apt-get install \
                 postgresql`"
            ),
        }
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

fn debian_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(DEBIAN_ROOT)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .collect()
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is version `15.18`.
fn version(folder: &Path) -> Result<String> {
    let program = folder.join("postgres");
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .with_context(|| format!("run {}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().nth(2);
    Ok(version
        .with_context(|| format!("read the server's version out of {text:?}"))?
        .to_owned())
}
