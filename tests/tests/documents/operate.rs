//! `docs/operate.md`, followed to the letter: by a stranger with two databases
//! of their own, who has nothing but the document.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use dualwrite_tests::postgres::Settings;
use dualwrite_tests::{Postgres, ports, rows};

use crate::document::Document;
use crate::follow::Page;

/// The stranger's schemas: not one table of our examples.
const LEGACY: &str = include_str!("operate/legacy.sql");
const NEW: &str = include_str!("operate/new.sql");

/// Who types, for the history.
const OPERATOR: &str = "ada";

/// Two databases with the stranger's tables, new without rows, on a server that
/// keeps what it acknowledges.
async fn databases() -> (Postgres, String, String) {
    let settings = Settings::default().tcp().durable();
    let server = Postgres::with(settings).await.unwrap();
    let legacy = server.create_database("warehouse").await.unwrap();
    let new = server.create_database("billing").await.unwrap();
    for (name, script) in [("warehouse", LEGACY), ("billing", NEW)] {
        let client = server.connect(name).await.unwrap();
        client.batch_execute(script).await.unwrap();
    }
    (server, legacy, new)
}

/// The variables that the document names, with this machine's values.
fn in_its_world(page: Page, legacy: String, new: String) -> Page {
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
    let named = page.document().only("env");
    let names = named.lines().filter_map(|line| line.split('=').next());
    let value = |name: &str| {
        let found = known.iter().find(|(known, _)| *known == name);
        found
            .unwrap_or_else(|| panic!("the document names {name}: what is it?"))
            .1
            .clone()
    };
    let editor = editor(page.document(), page.folder());
    let page = page.env("EDITOR", editor).env("USER", OPERATOR);
    names.fold(page, |page, name| page.env(name, value(name)))
}

/// What the person at the editor does: what the document shows, line by line.
/// Its `yaml` fences are pairs, what was proposed and what becomes of it; a line
/// that changes loses the sign of a comment and nothing else.
fn editor(document: &Document, folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let mut script = String::from("#!/bin/sh\nset -e\ncp \"$1\" proposal.yaml\n");
    for (before, after) in decisions(document) {
        let (before, after) = (quoted(&before), quoted(&after));
        // A line that is not there is not found.
        writeln!(script, "grep -qx '{before}' \"$1\"").unwrap();
        writeln!(script, "sed -i 's|^{before}$|{after}|' \"$1\"").unwrap();
    }
    let path = folder.join("editor");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// A text of the document as a pattern that means itself.
fn quoted(line: &str) -> &str {
    let special = ['.', '\'', '|', '*', '[', '\\', '&'];
    assert!(
        !line.contains(special),
        "`{line}` means more than itself to `sed`"
    );
    line
}

fn yaml(document: &Document) -> Vec<&str> {
    let fences = document.fences.iter();
    let yaml = fences.filter(|fence| fence.language == "yaml");
    yaml.map(|fence| fence.text.as_str()).collect()
}

/// The lines that somebody changes: as proposed, and as decided.
fn decisions(document: &Document) -> Vec<(String, String)> {
    let fences = yaml(document);
    assert!(
        !fences.is_empty() && fences.len().is_multiple_of(2),
        "{fences:?}"
    );
    let mut changed = Vec::new();
    for pair in fences.chunks(2) {
        let [before, after] = pair else { continue };
        assert_eq!(before.lines().count(), after.lines().count(), "{pair:?}");
        for (proposed, decided) in before.lines().zip(after.lines()) {
            if proposed != decided {
                assert_eq!(proposed.replacen("# ", "", 1), decided);
                changed.push((proposed.to_owned(), decided.to_owned()));
            }
        }
    }
    changed
}

/// The whole schema of a database, by means that are not ours.
async fn schema(url: &str) -> String {
    let url = url.to_owned();
    let dump = tokio::task::spawn_blocking(move || {
        let mut dump = Command::new("pg_dump");
        dump.args(["--schema-only", "--dbname", &url]).output()
    });
    let dump = dump.await.unwrap().unwrap();
    let errors = String::from_utf8_lossy(&dump.stderr).into_owned();
    assert!(dump.status.success(), "{errors}");
    let text = String::from_utf8(dump.stdout).unwrap();
    // What a dump says of itself is another each time.
    let telling = text
        .lines()
        .filter(|line| !line.starts_with("--") && !line.starts_with('\\'));
    telling.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_follows_it_from_introspect_to_the_end() {
    let (server, legacy, new) = databases().await;
    let before = [schema(&legacy).await, schema(&new).await];
    let page = Page::of("docs/operate.md");
    let page = in_its_world(page, legacy.clone(), new.clone());
    page.follow().await;
    // The parts of the proposal that the document shows are in it.
    let proposal = std::fs::read_to_string(page.folder().join("proposal.yaml")).unwrap();
    for proposed in yaml(page.document()).into_iter().step_by(2) {
        assert!(proposal.contains(proposed), "{proposed}\n{proposal}");
    }
    arrived(&server).await;
    assert_eq!([schema(&legacy).await, schema(&new).await], before);
}

/// By plain SQL: what was in legacy is in new.
async fn arrived(server: &Postgres) {
    for (query, own, keys) in [
        (
            "SELECT cust_no, cust_name, email, bill_addr, blocked = 1, channel FROM inv_customers",
            "SELECT id, name, email, address, blocked, source FROM customers",
            1,
        ),
        (
            "SELECT inv_no, cust_name, amount_cents FROM inv_invoices",
            "SELECT id, customer_name, (amount * 100)::bigint FROM invoices",
            1,
        ),
        (
            "SELECT inv_no, line_no, item FROM inv_invoice_lines",
            "SELECT invoice_id, line_no, item FROM invoice_lines",
            2,
        ),
    ] {
        let legacy = rows::postgres(&server.connect("warehouse").await.unwrap(), query)
            .await
            .unwrap();
        let new = rows::postgres(&server.connect("billing").await.unwrap(), own)
            .await
            .unwrap();
        assert!(legacy.len() >= 200, "{}", legacy.len());
        rows::compare(legacy, new, keys)
            .unwrap()
            .ensure_equal()
            .unwrap();
    }
}
