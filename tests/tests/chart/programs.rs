//! What the charts say of the programs is what the programs say of themselves.

use std::collections::BTreeMap;
use std::path::Path;

use dualwrite_tests::Process;
use dualwrite_tests::process::Program;
use dualwrite_tests::sqlite::SqliteFile;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::tools::said;
use crate::world::{CART, CONTROL_PLANE, Charts, Container, root};

/// Variables that are read before the arguments are, and so are not in the help.
const NOT_IN_HELP: [&str; 1] = ["DUALWRITE_LOG"];

/// How the URLs of the databases reach the sidecar.
const URLS_FROM: [&str; 2] = ["env", "file"];

/// What a program says of itself, in one line, for the lines break as the terminal is wide.
async fn help(program: &str, arguments: &[&str]) -> String {
    let program = Program::named(program).unwrap();
    let output = program.args(arguments.iter().copied()).run().await.unwrap();
    let words: Vec<String> = said(&output)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    words.join(" ")
}

/// Variables of ours that this container sets, and that no help mentions.
fn unknown(container: &Container, help: &str) -> Vec<String> {
    let names = container.environment().into_iter().map(|(name, _)| name);
    names
        .filter(|name| !NOT_IN_HELP.contains(&name.as_str()))
        .filter(|name| !help.contains(&format!("[env: {name}")))
        .collect()
}

#[tokio::test]
async fn every_variable_is_one_that_its_program_knows() {
    let charts = Charts::new();
    let control_plane = charts.render(CONTROL_PLANE, "--set insecure=true");
    let help_of_it = help("dualwrite-control-plane", &["--help"]).await;
    let known = unknown(&control_plane.container("control-plane"), &help_of_it);
    assert_eq!(known, [""; 0], "{help_of_it}");
    let help_of_it = help("dualwrite", &["--help"]).await;
    let known = unknown(&control_plane.container("list"), &help_of_it);
    assert_eq!(known, [""; 0], "{help_of_it}");
    let help_of_it = help("dualwrite-sidecar", &["run", "--help"]).await;
    for urls_from in URLS_FROM {
        let arguments = format!("--set dualwrite-sidecar.databases.urlsFrom={urls_from}");
        let container = charts
            .render(CART, &arguments)
            .container("dualwrite-sidecar");
        assert_eq!(unknown(&container, &help_of_it), [""; 0], "{help_of_it}");
    }
}

/// The port of each listener by default, as the help has it.
fn default_port(help: &str, flag: &str) -> u16 {
    let about = help.split(&format!("{flag} ")).nth(1).unwrap();
    let default = about.split("[default: ").nth(1).unwrap();
    let address = default.split(']').next().unwrap();
    address.rsplit(':').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn ports_are_those_of_the_programs() {
    let charts = Charts::new();
    let rendered = charts.render(CONTROL_PLANE, "--set insecure=true");
    let container = rendered.container("control-plane");
    let help_of_it = help("dualwrite-control-plane", &["--help"]).await;
    for (flag, variable, name) in [
        ("--listen", "DUALWRITE_LISTEN", "grpc"),
        ("--http-listen", "DUALWRITE_HTTP_LISTEN", "http"),
    ] {
        let port = default_port(&help_of_it, flag);
        assert_eq!(container.env(variable).unwrap(), format!("0.0.0.0:{port}"));
        let ports = container.spec["ports"].as_array().unwrap();
        let named = ports.iter().find(|port| port["name"] == name).unwrap();
        assert_eq!(named["containerPort"], port);
        let service = rendered.object("Service")["spec"]["ports"]
            .as_array()
            .unwrap();
        let named = service
            .iter()
            .find(|port| port["targetPort"] == name)
            .unwrap();
        assert_eq!(named["port"], port);
    }
    let help_of_it = help("dualwrite-sidecar", &["run", "--help"]).await;
    let container = charts.render(CART, "");
    let container = container.container("dualwrite-sidecar");
    let grpc = default_port(&help_of_it, "--listen");
    let http = default_port(&help_of_it, "--http-listen");
    let listen = container.env("DUALWRITE_LISTEN").unwrap();
    assert_eq!(
        listen,
        format!("127.0.0.1:{grpc}"),
        "this pod alone may write"
    );
    let listen = container.env("DUALWRITE_HTTP_LISTEN").unwrap();
    assert_eq!(listen, format!("0.0.0.0:{http}"));
    assert_eq!(container.spec["ports"][0]["containerPort"], http);
}

/// The program of a container, with the environment that was rendered but for `instead`.
fn started_as(container: &Container, instead: &[(&str, String)]) -> Program {
    let command = container.spec["command"].as_array().unwrap();
    let words: Vec<&str> = command.iter().map(|word| word.as_str().unwrap()).collect();
    let program = words[0].trim_start_matches('/');
    let mut environment: BTreeMap<String, String> = container
        .environment()
        .into_iter()
        .map(|(name, value)| (name, value.unwrap_or_default()))
        .collect();
    for (name, value) in instead {
        let was = environment.insert((*name).to_owned(), value.clone());
        assert!(was.is_some(), "{name} is not rendered");
    }
    let program = Program::named(program).unwrap().args(words[1..].to_vec());
    let set = |program: Program, (name, value): (String, String)| program.env(&name, value);
    environment.into_iter().fold(program, set)
}

/// The status that a running program answers each probe of its container with.
async fn probes(container: &Container, process: &Process) -> BTreeMap<String, u16> {
    let address = process.ready().http.clone().unwrap();
    let mut answers = BTreeMap::new();
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let path = container.spec[probe]["httpGet"]["path"].as_str().unwrap();
        answers.insert(path.to_owned(), get(&address, path).await);
    }
    answers
}

async fn get(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap();
    status.parse().unwrap()
}

fn at(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_control_plane_starts_as_rendered_and_its_probes_are_served() {
    let rendered = Charts::new().render(CONTROL_PLANE, "--set insecure=true");
    let container = rendered.container("control-plane");
    let folder = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".to_owned();
    let program = started_as(
        &container,
        &[
            ("DUALWRITE_LISTEN", any.clone()),
            ("DUALWRITE_HTTP_LISTEN", any),
            ("DUALWRITE_STORE", at(folder.path(), "control-plane.sqlite")),
        ],
    );
    let process = program.serve().await.unwrap();
    let answers = probes(&container, &process).await;
    assert_eq!(
        answers,
        BTreeMap::from([("/livez".into(), 200), ("/readyz".into(), 200)])
    );
    // What `helm test` runs finds it.
    let endpoint = format!("http://{}", process.ready().grpc);
    let test = started_as(
        &rendered.container("list"),
        &[("DUALWRITE_ENDPOINT", endpoint)],
    );
    let output = test.run().await.unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[tokio::test]
async fn the_sidecar_starts_as_rendered_and_its_probes_are_served() {
    let legacy = SqliteFile::create().unwrap();
    let new = SqliteFile::create().unwrap();
    for database in [&legacy, &new] {
        let table = "CREATE TABLE theirs (id INTEGER PRIMARY KEY)";
        database.execute(table).await.unwrap();
    }
    for urls_from in URLS_FROM {
        let arguments = format!("--set dualwrite-sidecar.databases.urlsFrom={urls_from}");
        let container = Charts::new()
            .render(CART, &arguments)
            .container("dualwrite-sidecar");
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str, url: &str| match urls_from {
            "file" => {
                let file = at(folder.path(), name);
                std::fs::write(&file, url).unwrap();
                file
            }
            _ => url.to_owned(),
        };
        let suffix = if urls_from == "file" { "_FILE" } else { "" };
        let any = "127.0.0.1:0".to_owned();
        let program = started_as(
            &container,
            &[
                ("DUALWRITE_LISTEN", any.clone()),
                ("DUALWRITE_HTTP_LISTEN", any),
                ("DUALWRITE_INSTANCE", "cart-0".to_owned()),
                ("DUALWRITE_CONTROL_PLANE", "127.0.0.1:9".to_owned()),
                ("DUALWRITE_SOCKET", at(folder.path(), "sidecar.sock")),
                ("DUALWRITE_STATE_DIR", at(folder.path(), "state")),
                (
                    &format!("LEGACY_DATABASE_URL{suffix}"),
                    url("legacy", &legacy.url()),
                ),
                (&format!("NEW_DATABASE_URL{suffix}"), url("new", &new.url())),
            ],
        );
        let process = program.serve().await.unwrap();
        // It lives, and cannot serve before somebody has installed its tables.
        let answers = probes(&container, &process).await;
        assert_eq!(
            answers,
            BTreeMap::from([("/livez".into(), 200), ("/readyz".into(), 503)])
        );
    }
}

#[test]
fn the_charts_have_the_version_of_the_programs() {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .unwrap();
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name == "dualwrite-sidecar");
    let version = package.unwrap().version.to_string();
    for chart in ["dualwrite", "dualwrite-sidecar"] {
        let text = std::fs::read_to_string(root().join("helm").join(chart).join("Chart.yaml"));
        let about: Value = crate::tools::yaml(&text.unwrap()).remove(0);
        assert_eq!(about["appVersion"], version, "{chart}");
        assert_eq!(about["version"], version, "{chart}");
    }
    let container = Charts::new()
        .render(CART, "")
        .container("dualwrite-sidecar")
        .spec;
    let image = container["image"].as_str().unwrap();
    assert!(image.ends_with(&format!(":{version}")), "{image}");
}

#[test]
fn the_image_holds_every_program_that_the_charts_start() {
    let charts = Charts::new();
    let file = std::fs::read_to_string(root().join("helm/Containerfile")).unwrap();
    let control_plane = charts.render(CONTROL_PLANE, "--set insecure=true");
    let cart = charts.render(CART, "");
    for container in [
        control_plane.container("control-plane"),
        control_plane.container("list"),
        cart.container("dualwrite-sidecar"),
    ] {
        let command = container.spec["command"][0].as_str().unwrap();
        assert!(
            file.contains(&format!(" {command}\n")),
            "{command}:\n{file}"
        );
    }
    let user = &control_plane.pods()[0]["securityContext"]["runAsUser"];
    assert!(file.contains(&format!("USER {user}:{user}\n")), "{file}");
}
