//! Finding the server's programs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Where distributions put servers' programs; it is not on everybody's PATH.
const SYSTEM: &str = "/usr/sbin";

/// The programs of the installed server.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    pub(super) install: PathBuf,
    /// For example `10.11.19-MariaDB`.
    pub(super) version: String,
}

impl Programs {
    pub(super) fn find() -> Result<Self> {
        let (Some(server), Some(install)) = (find("mariadbd"), find("mariadb-install-db")) else {
            bail!(
                "the MariaDB server programs (mariadbd, mariadb-install-db) are neither on the \
                 PATH nor in {SYSTEM}: install them, on Debian and Ubuntu with `apt-get install \
                 mariadb-server`"
            )
        };
        let output = Command::new(&server)
            .args(["--no-defaults", "--version"])
            .output()
            .with_context(|| format!("run {}", server.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(Self {
            version: version(&text)
                .with_context(|| format!("read the server's version out of {text:?}"))?,
            server,
            install,
        })
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain([PathBuf::from(SYSTEM)])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

/// `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu` is version
/// `10.11.19-MariaDB-0+deb12u1`.
fn version(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    words.find(|word| *word == "Ver")?;
    words.next().map(str::to_owned)
}
