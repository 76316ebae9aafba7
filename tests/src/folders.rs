//! Where the build put its results, seen from the running executable.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder that holds the binaries of the build that this executable belongs to
/// (`target/debug`).
pub(crate) fn binaries() -> Result<PathBuf> {
    let exe = std::env::current_exe().context("find the path of the running executable")?;
    let folder = exe
        .parent()
        .context("the running executable has no folder")?;
    // Test executables live one level below the binaries.
    if is_test_folder(folder) {
        return Ok(folder
            .parent()
            .context("the deps folder has no parent")?
            .to_path_buf());
    }
    Ok(folder.to_path_buf())
}

/// The folder for things that later runs can use again (`target`).
pub(crate) fn cache() -> Result<PathBuf> {
    let binaries = binaries()?;
    Ok(binaries
        .parent()
        .context("the folder of the binaries has no parent")?
        .to_path_buf())
}

/// Whether this executable is a test, so that what it prints is shown only when it fails.
pub(crate) fn in_test() -> bool {
    std::env::current_exe().is_ok_and(|exe| exe.parent().is_some_and(is_test_folder))
}

fn is_test_folder(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == "deps")
}

/// Copies a folder with all that is in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).with_context(|| format!("create {}", to.display()))?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("copy to {}", target.display()))?;
        }
    }
    Ok(())
}
