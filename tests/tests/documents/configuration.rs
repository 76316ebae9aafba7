//! `docs/configuration.md` says what the programs say: its tables are made of
//! what `config check` answers, row for row.

use dualwrite_core::environment;
use dualwrite_core::flags::Flags;
use dualwrite_tests::process::Program;
use serde_json::Value;

use crate::document::read;

const DOCUMENT: &str = "docs/configuration.md";

/// A program's settings, as `config check -o json` has them. It ends with 1
/// where a service is missing, and prints them all the same.
async fn settings(program: &str) -> Vec<Value> {
    let output = Program::named(program)
        .unwrap()
        .args(["config", "check", "-o", "json"])
        .run()
        .await
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["settings"].as_array().unwrap().clone()
}

fn row(setting: &Value) -> String {
    let text = |name: &str| setting[name].as_str();
    let flag = text("flag").unwrap();
    let variable = text("variable").unwrap();
    let code = |text: Option<&str>| text.map_or_else(String::new, |text| format!("`{text}`"));
    let cells = |text: Option<&str>, file: String| {
        if setting["secret"] == true {
            format!("{}, `{file}`", code(text))
        } else {
            code(text)
        }
    };
    format!(
        "| {} | {} | {} | {} | {} |",
        cells(Some(flag), format!("{flag}-file")),
        cells(Some(variable), format!("{variable}_FILE")),
        cells(
            text("key"),
            format!("{}File", text("key").unwrap_or_default())
        ),
        code(text("default")),
        text("help").unwrap()
    )
}

#[tokio::test]
async fn every_setting_of_both_programs_is_in_the_document_as_it_is() {
    let document = read(DOCUMENT);
    for program in ["dualwrite-sidecar", "dualwrite-control-plane"] {
        let heading = format!("## `{program}`");
        let (_, own) = document.split_once(&heading).expect(&heading);
        let own = own.split("\n## ").next().unwrap_or_default();
        let written: Vec<&str> = own.lines().filter(|line| line.starts_with("| `")).collect();
        let rows: Vec<String> = settings(program).await.iter().map(row).collect();
        assert_eq!(written, rows, "{program}");
    }
}

#[tokio::test]
async fn the_command_line_tells_whose_settings_a_file_holds() {
    let both = settings("dualwrite-sidecar").await;
    let planes = settings("dualwrite-control-plane").await;
    let name = |setting: &Value| setting["key"].as_str().map(str::to_owned);
    let names = |all: &[Value]| all.iter().filter_map(name).collect::<Vec<_>>();
    let (sidecar, plane) = (names(&both), names(&planes));
    let folder = tempfile::tempdir().unwrap();
    for (program, own, other) in [
        ("dualwrite-sidecar", &sidecar, &plane),
        ("dualwrite-control-plane", &plane, &sidecar),
    ] {
        for key in own.iter().filter(|key| !other.contains(key)) {
            let file = folder.path().join("settings.yaml");
            std::fs::write(&file, format!("{key}: x\n")).unwrap();
            let check = ["config", "check", "-o", "json", file.to_str().unwrap()];
            let asked = Program::named("dualwrite").unwrap().args(check);
            let output = asked.run().await.unwrap();
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(report["program"], program, "{key}");
            let told = report["settings"].as_array().unwrap().iter();
            let mut told = told.filter(|setting| setting["key"] == key.as_str());
            let origin = told.next().unwrap()["origin"].as_str().unwrap();
            assert!(origin.contains("settings.yaml"), "{key}: {origin}");
        }
    }
}

#[test]
fn every_variable_of_the_pattern_is_in_the_document_with_its_default() {
    let document = read(DOCUMENT);
    let flags = Flags::default();
    for name in environment::names() {
        let start = format!("| `{name}` | ");
        let line = document.lines().find(|line| line.starts_with(&start));
        let line = line.unwrap_or_else(|| panic!("no row for {name}"));
        let flag = name
            .strip_prefix(environment::PREFIX)
            .unwrap()
            .to_lowercase();
        if let Ok(default) = flags.get(&flag) {
            let cells = format!("{start}`{flag}` | `{default}` |");
            assert!(line.starts_with(&cells), "{line}\n{cells}");
        }
    }
}
