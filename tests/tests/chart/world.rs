//! A copy of the charts to work on, and what is rendered from them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{helm, said, words, yaml};

/// The chart of the control plane.
pub(crate) const CONTROL_PLANE: &str = "helm/dualwrite";

/// A chart that uses the library.
pub(crate) const CART: &str = "helm/examples/cart";

/// The library.
pub(crate) const LIBRARY: &str = "helm/dualwrite-sidecar";

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A copy of the charts whose dependencies are built, as their user would.
pub(crate) struct Charts {
    folder: TempDir,
}

/// What helm rendered.
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) objects: Vec<Value>,
}

/// A container of a pod, with what the pod says of it.
pub(crate) struct Container {
    pub(crate) is_init: bool,
    pub(crate) spec: Value,
}

impl Charts {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("helm"), &folder.path().join("helm"));
        let charts = Self { folder };
        charts.run(&format!("dependency build {CART}")).unwrap();
        charts
    }

    /// Runs helm beside the copy; what it printed, either way.
    pub(crate) fn run(&self, line: &str) -> Result<String, String> {
        let mut command = helm();
        command.current_dir(self.folder.path()).args(words(line));
        let output = command.output().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(said(&output))
        }
    }

    /// Renders a chart with further arguments.
    pub(crate) fn render(&self, chart: &str, arguments: &str) -> Rendered {
        let text = self.render_text(chart, arguments);
        Rendered {
            objects: yaml(&text),
            text,
        }
    }

    /// The same as it is printed.
    pub(crate) fn render_text(&self, chart: &str, arguments: &str) -> String {
        let line = format!("template trial {chart} --namespace shop {arguments}");
        self.run(&line)
            .unwrap_or_else(|said| panic!("helm {line}\n{said}"))
    }

    /// What helm says to a chart that it must not render.
    pub(crate) fn refuse(&self, chart: &str, arguments: &str) -> String {
        let line = format!("template trial {chart} --namespace shop {arguments}");
        match self.run(&line) {
            Err(said) => said,
            Ok(rendered) => panic!("helm {line} is not refused, but renders\n{rendered}"),
        }
    }

    /// The values of the tests that a chart brings, as arguments.
    pub(crate) fn examples(&self, chart: &str) -> Vec<String> {
        let folder = self.folder.path().join(chart).join("ci");
        let names = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert!(!names.is_empty(), "{chart} has no ci/*-values.yaml");
        names
            .iter()
            .map(|name| format!("--values {chart}/ci/{name}"))
            .collect()
    }
}

impl Rendered {
    /// The one object of this kind.
    pub(crate) fn object(&self, kind: &str) -> &Value {
        let mut found = self.objects.iter().filter(|object| object["kind"] == kind);
        let object = found.next().unwrap_or_else(|| panic!("no {kind}"));
        assert!(found.next().is_none(), "more than one {kind}");
        object
    }

    pub(crate) fn has(&self, kind: &str) -> bool {
        self.objects.iter().any(|object| object["kind"] == kind)
    }

    /// The specification of every pod in it, whatever makes the pod.
    pub(crate) fn pods(&self) -> Vec<&Value> {
        let pods = self.objects.iter().filter_map(|object| {
            let spec = &object["spec"];
            match object["kind"].as_str().unwrap() {
                "Pod" => Some(spec),
                "StatefulSet" | "Deployment" => Some(&spec["template"]["spec"]),
                _ => None,
            }
        });
        pods.collect()
    }

    /// The container of this name, wherever it is.
    pub(crate) fn container(&self, name: &str) -> Container {
        let mut all = self.pods().into_iter().flat_map(containers);
        all.find(|container| container.spec["name"] == name)
            .unwrap_or_else(|| panic!("no container {name}"))
    }
}

/// All containers of a pod.
pub(crate) fn containers(pod: &Value) -> Vec<Container> {
    let of = |field: &str, is_init| {
        let list = pod[field].as_array().cloned().unwrap_or_default();
        list.into_iter()
            .map(move |spec| Container { is_init, spec })
    };
    of("initContainers", true)
        .chain(of("containers", false))
        .collect()
}

impl Container {
    /// A variable of its environment that is given as a text.
    pub(crate) fn env(&self, name: &str) -> Option<String> {
        let all = self.environment();
        all.into_iter()
            .find_map(|(key, value)| (key == name).then_some(value.unwrap_or_default()))
    }

    /// Its environment; `None` where the value comes from elsewhere.
    pub(crate) fn environment(&self) -> Vec<(String, Option<String>)> {
        let all = self.spec["env"].as_array().unwrap().iter();
        all.map(|variable| {
            let name = variable["name"].as_str().unwrap().to_owned();
            (name, variable["value"].as_str().map(str::to_owned))
        })
        .collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            // Built by somebody in the folder itself; built anew in the copy.
            if entry.file_name() != "charts" {
                copy(&entry.path(), &target);
            }
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
