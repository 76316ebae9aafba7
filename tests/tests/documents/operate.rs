//! `docs/operate.md`, followed to the letter: by a stranger with two databases
//! of their own, who has nothing but the document.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use dualwrite_tests::postgres::Settings;
use dualwrite_tests::process::Program;
use dualwrite_tests::{Postgres, ports, rows, until};

use crate::document::Document;

/// The stranger's schemas: not one table of our examples.
const LEGACY: &str = include_str!("operate/legacy.sql");
const NEW: &str = include_str!("operate/new.sql");

/// All of the document, with a backfill and five transitions, on a machine
/// that does other things as well.
const PATIENCE: Duration = Duration::from_mins(6);

/// What marks, in what the shell prints, that a fence begins.
const MARK: &str = "=== fence ";

/// Two databases with the stranger's tables, new without rows.
async fn databases() -> (Postgres, String, String) {
    let server = Postgres::with(Settings::default().tcp()).await.unwrap();
    let legacy = server.create_database("warehouse").await.unwrap();
    let new = server.create_database("billing").await.unwrap();
    for (name, script) in [("warehouse", LEGACY), ("billing", NEW)] {
        let client = server.connect(name).await.unwrap();
        client.batch_execute(script).await.unwrap();
    }
    (server, legacy, new)
}

/// The variables that the document names, with this machine's values.
fn environment(document: &Document, legacy: String, new: String) -> Vec<(String, String)> {
    let at = || format!("127.0.0.1:{}", ports::free_port().unwrap());
    let control_plane = at();
    let known = [
        ("DUALWRITE_SERVICE", "billing".to_owned()),
        ("LEGACY_DATABASE_URL", legacy),
        ("NEW_DATABASE_URL", new),
        ("DUALWRITE_ENDPOINT", format!("http://{control_plane}")),
        ("DUALWRITE_CONTROL_PLANE", control_plane),
        ("CONSOLE", at()),
        ("SIDECAR", at()),
        ("SIDECAR_HTTP", at()),
    ];
    let named = document.only("env");
    let names = named.lines().filter_map(|line| line.split('=').next());
    let value = |name: &str| {
        let found = known.iter().find(|(known, _)| *known == name);
        found
            .unwrap_or_else(|| panic!("the document names {name}: what is it?"))
            .1
            .clone()
    };
    names.map(|name| (name.to_owned(), value(name))).collect()
}

/// The document's lines as one script, each fence announced. Programs that it
/// starts in the background end with the shell.
fn script(document: &Document, programs: &Path) -> String {
    let mut script = String::from("exec 2>&1\nset -e -o pipefail\n");
    for program in ["dualwrite-control-plane", "dualwrite-sidecar"] {
        let path = programs.join(program);
        // A job of the shell is a process of its own, which may be replaced.
        writeln!(
            script,
            "{program}() {{ if [ $BASHPID = $$ ]; then '{path}' \"$@\"; \
             else exec setpriv --pdeathsig KILL '{path}' \"$@\" > '{program}.log' 2>&1; fi; }}",
            path = path.display()
        )
        .unwrap();
    }
    writeln!(
        script,
        "dualwrite() {{ '{}' \"$@\"; }}",
        programs.join("dualwrite").display()
    )
    .unwrap();
    for (number, fence) in document.fences.iter().enumerate() {
        if fence.language == "sh" {
            writeln!(script, "echo '{MARK}{number}'").unwrap();
            script += &fence.text;
        }
    }
    script + "echo 'the end of the document'\nkill $(jobs -p)\nwait\n"
}

/// What the person at the editor does: lets in the lines that the proposal
/// leaves open, as the document says.
const EDITOR: &str = "#!/bin/sh\nset -e\ncp \"$1\" proposal.yaml\n\
    sed -i -E 's/^( *)# (- \\{.*\\}|- [a-z_]+)$/\\1\\2/' \"$1\"\n";

fn editor(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("editor");
    std::fs::write(&path, EDITOR).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// Each line that the document shows stands in what its commands printed.
fn shows_what_was_said(document: &Document, said: &str) {
    for (number, pair) in document.fences.windows(2).enumerate() {
        let [commands, shown] = pair else { continue };
        if commands.language != "sh" || shown.language != "text" {
            continue;
        }
        let own = said
            .split(&format!("{MARK}{number}\n"))
            .nth(1)
            .unwrap_or_default();
        let own = own.split(MARK).next().unwrap_or_default();
        for line in shown.text.lines() {
            assert!(
                own.contains(line.trim()),
                "`{line}` is not in what\n{}printed:\n{own}",
                commands.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_follows_it_from_introspect_to_the_end() {
    let document = Document::read("docs/operate.md");
    let (server, legacy, new) = databases().await;
    let folder = tempfile::tempdir().unwrap();
    let programs = std::env::current_exe().unwrap();
    let programs = programs.ancestors().nth(2).unwrap();
    let path = folder.path().join("operate.sh");
    let text = script(&document, programs);
    std::fs::write(&path, format!("cd '{}'\n{text}", folder.path().display())).unwrap();
    let shell = Program::of_the_system("bash")
        .arg(path.as_os_str())
        .env("EDITOR", editor(folder.path()));
    let environment = environment(&document, legacy, new);
    let shell = environment
        .into_iter()
        .fold(shell, |shell, (name, value)| shell.env(&name, value));
    let mut shell = shell.start().unwrap();
    let ended = until("the document's commands end", PATIENCE, async || {
        if shell.is_running().unwrap() {
            Err(shell.log_tail())
        } else {
            Ok(())
        }
    });
    let logs = || {
        ["dualwrite-control-plane", "dualwrite-sidecar"].map(|name| {
            std::fs::read_to_string(folder.path().join(format!("{name}.log"))).unwrap_or_default()
        })
    };
    if let Err(overdue) = ended.await {
        panic!("{overdue}\n{}", logs().concat());
    }
    let said = shell.log_tail();
    assert!(
        said.contains("the end of the document"),
        "{said}\n{}",
        logs().concat()
    );
    shows_what_was_said(&document, &said);
    arrived(&server).await;
}

/// By plain SQL: what was in legacy is in new.
async fn arrived(server: &Postgres) {
    for (query, own) in [
        (
            "SELECT inv_no, cust_name, amount_cents FROM inv_invoices",
            "SELECT id, customer_name, (amount * 100)::bigint FROM invoices",
        ),
        (
            "SELECT inv_no, line_no, item FROM inv_invoice_lines",
            "SELECT invoice_id, line_no, item FROM invoice_lines",
        ),
    ] {
        let legacy = rows::postgres(&server.connect("warehouse").await.unwrap(), query)
            .await
            .unwrap();
        let new = rows::postgres(&server.connect("billing").await.unwrap(), own)
            .await
            .unwrap();
        let keys = if query.contains("line_no") { 2 } else { 1 };
        assert!(legacy.len() > 500, "{}", legacy.len());
        rows::compare(legacy, new, keys)
            .unwrap()
            .ensure_equal()
            .unwrap();
    }
}
