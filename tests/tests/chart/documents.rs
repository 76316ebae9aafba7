//! Values, their schema and what README.md says of them are equal.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::tools::yaml;
use crate::world::{CART, CONTROL_PLANE, Charts, LIBRARY, root};

/// A value with what its comment says of it.
struct Row {
    path: Vec<String>,
    about: String,
}

fn read(chart: &str, file: &str) -> String {
    let path = root().join(chart).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every value that has a comment beginning with `# --`, in the order of the file.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut about: Option<String> = None;
    for line in text.lines() {
        let content = line.trim_start();
        let depth = (line.len() - content.len()) / 2;
        if let Some(begin) = content.strip_prefix("# -- ") {
            about = Some(begin.to_owned());
        } else if let (Some(more), Some(about)) = (content.strip_prefix("# "), about.as_mut()) {
            about.push(' ');
            about.push_str(more);
        } else if let Some((key, _)) = content.split_once(':')
            && key.chars().all(char::is_alphanumeric)
            && depth <= path.len()
        {
            path.truncate(depth);
            path.push(key.to_owned());
            if let Some(about) = about.take() {
                let path = path.clone();
                rows.push(Row { path, about });
            }
        }
    }
    rows
}

fn at<'a>(values: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(values, |value, key| &value[key])
}

/// The table of README.md, as it should be.
fn table(chart: &str) -> String {
    let text = read(chart, "values.yaml");
    let values = yaml(&text).remove(0);
    let mut table = String::from("| value | default | |\n|---|---|---|\n");
    for Row { path, about } in rows(&text) {
        let default = at(&values, &path);
        assert!(!default.is_null(), "{path:?} is read wrongly");
        let (path, about) = (path.join("."), about.replace('|', "\\|"));
        writeln!(table, "| `{path}` | `{default}` | {about} |").unwrap();
    }
    table
}

#[test]
fn the_readme_has_every_value() {
    for chart in [CONTROL_PLANE, LIBRARY] {
        let readme = read(chart, "README.md");
        let expected = table(chart);
        assert!(
            readme.contains(&expected),
            "{chart}/README.md must have this table:\n{expected}"
        );
    }
}

/// Values that no comment explains.
fn unexplained(value: &Value, path: &mut Vec<String>, rows: &[Row], found: &mut Vec<String>) {
    if rows.iter().any(|row| row.path == *path) {
        return;
    }
    match value.as_object() {
        Some(object) if !object.is_empty() => {
            for (key, value) in object {
                path.push(key.clone());
                unexplained(value, path, rows, found);
                path.pop();
            }
        }
        _ => found.push(path.join(".")),
    }
}

#[test]
fn every_value_is_explained() {
    for chart in [CONTROL_PLANE, LIBRARY] {
        let text = read(chart, "values.yaml");
        let mut found = Vec::new();
        let values = yaml(&text).remove(0);
        unexplained(&values, &mut Vec::new(), &rows(&text), &mut found);
        assert_eq!(found, [""; 0], "{chart}");
    }
}

/// Where values and schema name different things; the schema refuses what it does not name.
fn differences(values: &Value, schema: &Value, path: &str, found: &mut Vec<String>) {
    if schema["additionalProperties"] != false {
        return;
    }
    let (Some(values), Some(known)) = (values.as_object(), schema["properties"].as_object()) else {
        return;
    };
    for (key, value) in values {
        let path = format!("{path}.{key}");
        match known.get(key) {
            Some(schema) => differences(value, schema, &path, found),
            None => found.push(format!("the schema does not know {path}")),
        }
    }
    // Helm itself puts that into every chart.
    let absent = known
        .keys()
        .filter(|key| *key != "global" && !values.contains_key(*key));
    found.extend(absent.map(|key| format!("values.yaml has no {path}.{key}")));
}

#[test]
fn the_schema_knows_every_value_and_no_other() {
    for chart in [CONTROL_PLANE, LIBRARY] {
        let values = yaml(&read(chart, "values.yaml")).remove(0);
        let schema: Value = serde_json::from_str(&read(chart, "values.schema.json")).unwrap();
        assert_eq!(schema["additionalProperties"], false, "{chart}");
        let mut found = Vec::new();
        differences(&values, &schema, "", &mut found);
        assert_eq!(found, [""; 0], "{chart}");
    }
}

/// Documents whose `sh` fences are run here, line by line.
const DOCUMENTS: [&str; 1] = ["docs/install.md"];

#[test]
fn every_command_to_install_with_is_run() {
    let charts = Charts::new();
    for document in DOCUMENTS {
        let text = read("", document);
        let fences = text.split("\n```sh\n").skip(1);
        let lines: Vec<&str> = fences
            .flat_map(|fence| fence.split("\n```").next().unwrap().lines())
            .collect();
        assert!(lines.len() > 3, "{document}: {lines:?}");
        for line in lines {
            let command = line.strip_prefix("helm ").unwrap_or_else(|| {
                panic!("{document}: `{line}` is not run here; fence it as `console`, and say so")
            });
            // An upgrade looks for its release in a cluster; installing renders the same.
            let command = command.replacen("upgrade ", "install ", 1);
            let is_change = command.starts_with("install ");
            let dry = if is_change { " --dry-run=client" } else { "" };
            let said = charts.run(&format!("{command}{dry}"));
            said.unwrap_or_else(|said| panic!("{document}: {line}\n{said}"));
        }
    }
}

/// What a reader types where the project cannot go: at an engine for containers
/// and at a cluster. The names in it are those of the charts.
#[test]
fn what_is_typed_at_a_cluster_names_what_the_charts_have() {
    let text = read("", "docs/install.md");
    let fences = text.split("\n```console\n").skip(1);
    let typed: String = fences
        .map(|fence| fence.split("\n```").next().unwrap())
        .collect();
    let charts = Charts::new();
    let control_plane = charts.run(&format!(
        "template dualwrite {CONTROL_PLANE} --namespace dualwrite --set insecure=true"
    ));
    let control_plane = yaml(&control_plane.unwrap());
    let cart = charts
        .run(&format!("template cart {CART} --namespace shop"))
        .unwrap();

    assert!(typed.contains("--file helm/Containerfile "));
    assert!(root().join("helm/Containerfile").is_file());
    let service = control_plane
        .iter()
        .find(|object| object["kind"] == "Service");
    let service = service.unwrap();
    let name = service["metadata"]["name"].as_str().unwrap();
    let ports = service["spec"]["ports"].as_array().unwrap();
    let pairs: Vec<String> = ports
        .iter()
        .map(|port| format!("{0}:{0}", port["port"]))
        .collect();
    assert!(
        typed.contains(&format!("service/{name} {}", pairs.join(" "))),
        "{typed}"
    );
    assert!(typed.contains("helm test dualwrite --namespace dualwrite"));
    let hooks = |object: &&Value| object["metadata"]["annotations"]["helm.sh/hook"] == "test";
    assert_eq!(control_plane.iter().filter(hooks).count(), 1);

    for key in ["legacy-database-url", "new-database-url"] {
        assert!(
            typed.contains(&format!("--from-file={key}")) && cart.contains(key),
            "{key}"
        );
    }
    assert!(typed.contains("secret generic cart-databases") && cart.contains("cart-databases"));
    let claims: Vec<&str> = control_plane
        .iter()
        .filter(|object| object["kind"] == "PersistentVolumeClaim")
        .map(|object| object["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(claims.len(), 1, "{claims:?}");
    assert!(
        typed.contains(&format!("delete pvc {}", claims[0])),
        "{typed}"
    );
}
