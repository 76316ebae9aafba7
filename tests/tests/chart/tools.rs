//! The tools, from the PATH or from where `cargo xtask test` puts them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::world::root;

const DUMP: &str = "import json, sys, yaml\n\
                    json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)";

/// helm, with nothing of this machine's user in it.
pub(crate) fn helm() -> Command {
    let mut command = Command::new(find("helm", "helm/helm"));
    let home = root().join("target/tools/helm/home");
    command.env("HELM_CACHE_HOME", home.join("cache"));
    command.env("HELM_CONFIG_HOME", home.join("config"));
    command.env("HELM_DATA_HOME", home.join("data"));
    // There is no cluster, and none is asked.
    command.env("KUBECONFIG", "/dev/null");
    command
}

/// Holds manifests against the schemas of one version of Kubernetes; what it says against them.
pub(crate) fn validate(version: &str, manifests: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = python();
    command.args(["-m", "kubernetes_validate", "--strict", "-k", version]);
    for (number, text) in manifests.iter().enumerate() {
        assert!(text.contains("kind:"), "nothing is rendered:\n{text}");
        let file = folder.path().join(format!("{number}.yaml"));
        std::fs::write(&file, text).unwrap();
        command.arg(file);
    }
    let output = command.output().unwrap();
    if output.status.success() {
        Ok(())
    } else {
        Err(said(&output))
    }
}

/// YAML documents as JSON; empty ones are left out.
pub(crate) fn yaml(text: &str) -> Vec<Value> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = python();
    command.args(["-c", DUMP]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "no YAML:\n{text}");
    let mut documents: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    documents.retain(|document| !document.is_null());
    documents
}

/// What a program printed.
pub(crate) fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Python, with kubernetes-validate and the YAML reader that it brings.
fn python() -> Command {
    let modules = root().join("target/tools/kubernetes-validate");
    let mut command = Command::new("python3");
    if modules.is_dir() {
        command.env("PYTHONPATH", modules);
    } else {
        find(
            "kubernetes-validate",
            "kubernetes-validate/bin/kubernetes-validate",
        );
    }
    command
}

fn find(name: &str, installed: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).map(|folder| folder.join(name));
    let installed = root().join("target/tools").join(installed);
    folders
        .chain([installed])
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed: `cargo xtask test` fetches it"))
}

/// The arguments of a command line that is written as one line.
pub(crate) fn words(line: &str) -> Vec<&OsStr> {
    line.split_whitespace().map(OsStr::new).collect()
}
